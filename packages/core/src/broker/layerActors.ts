import { Effect, Layer } from "effect"
import { layerController } from "../actors/controller/ControllerActor.ts"
import { ProducerIds } from "../actors/controller/ProducerIds.ts"
import { startAlone } from "../actors/controller/startAlone.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { layerGroupCoordinator } from "../actors/group-coordinator/GroupCoordinatorActor.ts"
import { PartitionLeaders } from "../actors/partition-leader/PartitionLeaders.ts"
import { layerTransactionCoordinator } from "../actors/transaction-coordinator/TransactionCoordinatorActor.ts"
import { VerificationGuards } from "../actors/transaction-coordinator/VerificationGuards.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { topicDefaults } from "../config/BrokerProperties.ts"
import { configRulesLayer } from "../config/makeConfigRules.ts"
import { CoordinatorFinder } from "../actors/coordinator-runtime/CoordinatorFinder.ts"
import { FileLogStore } from "../log/FileLogStore.ts"
import { LogDirectory, type LogDirectoryError } from "../log/LogDirectory.ts"
import { LogStore, type LogStoreError } from "../log/LogStore.ts"
import { emptyImage } from "../metadata/ClusterImage.ts"
import type { MetadataLogError } from "../metadata/MetadataLog.ts"
import { readBootstrapRecords } from "../metadata/bootstrapRecords.ts"
import { layerFileMetadataLog } from "../metadata/FileMetadataLog.ts"
import { understoodLevels } from "../metadata/FeatureName.ts"
import { LeadershipChanges } from "../metadata/LeadershipChanges.ts"
import { MetadataPublisher } from "../metadata/MetadataPublisher.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { randomUuid } from "../model/randomUuid.ts"
import { Uuid } from "../model/Uuid.ts"
import type { ListenError } from "../seams/Listener.ts"

/** Why a broker could not start; every one of them is explained by its message in one line. */
export type BrokerStartError = LogDirectoryError | LogStoreError | MetadataLogError | ListenError

/** The one log directory, checked to belong to this node. */
const layerDirectory = Layer.unwrap(Effect.gen(function*() {
  const { nodeId } = yield* BrokerConfig
  return LogDirectory.layer({ nodeId })
}))

/** The image before the metadata log is replayed: there is nothing. */
const layerMetadata = Layer.unwrap(Effect.gen(function*() {
  const { nodeId } = yield* BrokerConfig
  const { clusterId } = yield* LogDirectory
  return MetadataPublisher.layer(emptyImage({ clusterId, controllerId: nodeId }))
}))

const layerMetadataLog = Layer.unwrap(Effect.gen(function*() {
  const { metadataLog, nodeId } = yield* BrokerConfig
  const { wasStoppedCleanly } = yield* LogDirectory
  return layerFileMetadataLog({ nodeId, wasStoppedCleanly, settings: metadataLog })
}))

/** What this broker says of itself. */
const describeBroker = Effect.gen(function*() {
  const { listeners, nodeId, rack } = yield* BrokerConfig
  const { directoryId } = yield* LogDirectory
  return {
    id: nodeId,
    incarnationId: yield* randomUuid,
    endPoints: listeners.map(({ advertised, host, name, port }) => ({
      name,
      ...(advertised ?? { host, port }),
      securityProtocol: plaintextProtocol
    })),
    features: Array.from(understoodLevels, ([name, { max, min }]) => ({
      name,
      minSupportedVersion: min,
      maxSupportedVersion: max
    })),
    rack,
    logDirs: [Uuid.parse(directoryId) ?? Uuid.zero]
  }
})

/** Source: SecurityProtocol.PLAINTEXT. */
const plaintextProtocol = 0

/** The controller of a cluster with one broker: it leads all that it holds, also logs that no metadata log mentions. */
const layerAlone = Layer.unwrap(Effect.gen(function*() {
  const { properties } = yield* BrokerConfig
  const { noteBrokerEpoch, wasStoppedCleanly } = yield* LogDirectory
  const broker = yield* describeBroker
  const start = startAlone({
    bootstrapRecords: yield* readBootstrapRecords,
    minInsyncReplicas: topicDefaults(properties).get("min.insync.replicas")!,
    partitionCounts: givenPartitionCounts(properties),
    store: yield* LogStore,
    broker,
    onRegistered: noteBrokerEpoch,
    wasStoppedCleanly
  })
  return layerController({ startUp: start, shutDown: [{ _tag: "FenceBroker", brokerId: broker.id }] })
}))

const partitionCountKeys = [
  [TopicName.groupMetadata, "offsets.topic.num.partitions"],
  [TopicName.transactionState, "transaction.state.log.num.partitions"],
  [TopicName.shareGroupState, "share.coordinator.state.topic.num.partitions"]
] as const

/** Partitions of the internal topics for which the settings name a number. */
const givenPartitionCounts = (properties: ReadonlyMap<string, string>): ReadonlyMap<string, number> =>
  new Map(
    partitionCountKeys.flatMap(([topic, key]) => properties.has(key) ? [[topic, Number(properties.get(key))]] : [])
  )

/** Tells the group coordinator, after the leaders, which topics are gone and that its own topic has changed. */
const layerCoordinatorsFollow = Layer.effect(
  LeadershipChanges,
  Effect.gen(function*() {
    const leaders = yield* LeadershipChanges
    const groups = yield* GroupCoordinator
    return LeadershipChanges.of({
      apply: (previous, next, topics) =>
        Effect.map(leaders.apply(previous, next, topics), () => {
          const gone = topics.flatMap(({ after, before }) =>
            before !== undefined && before.id !== after?.id ? [before.name] : []
          )
          if (gone.length > 0) groups.topicsDeleted(new Set(gone))
          if (topics.some(({ after }) => after?.name === TopicName.groupMetadata)) groups.loadAll()
        })
    })
  })
)

/** Everything between the seams and the handlers: logs, metadata, controller, partition leaders, coordinators. */
export const layerActors = Layer.mergeAll(CoordinatorFinder.layer(["GROUP", "TRANSACTION"]), VerificationGuards.layer)
  .pipe(
    Layer.provideMerge(layerTransactionCoordinator),
    Layer.provideMerge(ProducerIds.layer),
    Layer.provideMerge(Layer.provide(layerAlone, layerCoordinatorsFollow)),
    Layer.provideMerge(layerGroupCoordinator),
    Layer.provideMerge(PartitionLeaders.layer),
    Layer.provideMerge(Layer.mergeAll(FileLogStore.layer(), layerMetadata, layerMetadataLog, configRulesLayer)),
    Layer.provideMerge(layerDirectory)
  )
