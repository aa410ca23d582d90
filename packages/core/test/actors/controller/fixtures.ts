import { Effect, Layer } from "effect"
import type { ConfigRulesShape } from "../../../src/config/ConfigRules.ts"
import { ConfigRules } from "../../../src/config/ConfigRules.ts"
import { layerController } from "../../../src/actors/controller/ControllerActor.ts"
import { operationError } from "../../../src/model/OperationError.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { validateTopicConfigs } from "../../../src/config/TopicConfigs.ts"
import { type ClusterImage, emptyImage } from "../../../src/metadata/ClusterImage.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { layerMemoryMetadataLog } from "../../metadata/MemoryMetadataLog.ts"
import { MetadataPublisher } from "../../../src/metadata/MetadataPublisher.ts"
import { type MetadataRecord, newPartition } from "../../../src/metadata/MetadataRecord.ts"
import { replay } from "../../../src/metadata/replay.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { Uuid } from "../../../src/model/Uuid.ts"

/** The n-th of the ids used in tests. */
export const testId = (n: number): Uuid => {
  const bytes = new Uint8Array(16)
  bytes[0] = 1
  bytes[14] = n >> 8
  bytes[15] = n
  return Uuid.fromBytes(bytes)
}

/** A directory id. */
export const testDirectory = testId(0xdd)

export const broker = (id: number, fenced = false) => ({
  id,
  epoch: -1,
  host: `host${id}`,
  port: 9092,
  rack: null,
  fenced
})

export const blankImage = (): ClusterImage =>
  emptyImage({ clusterId: "test-cluster", controllerId: 1, localBroker: broker(1), localDirectoryId: testDirectory })

export const imageOf = (records: ReadonlyArray<MetadataRecord>): ClusterImage =>
  replay(blankImage(), records, records.length)

/** A topic of single-replica partitions on broker 1. */
export const topicRecords = (name: string, topicId: Uuid, partitions: number): ReadonlyArray<MetadataRecord> => [
  { _tag: "Topic", name, topicId },
  ...Array.from(
    { length: partitions },
    (_, partitionId) => newPartition({ topicId, partitionId, replicas: [1], isr: [1], directories: [testDirectory] })
  )
]

export const configRecord = (resourceType: number, resourceName: string, name: string, value: string | null) =>
  ({ _tag: "Config", resourceType, resourceName, name, value }) as const

export const registration = (brokerId: number, fenced: boolean) =>
  ({
    _tag: "RegisterBroker",
    brokerId,
    isMigratingZkBroker: false,
    incarnationId: testId(brokerId),
    brokerEpoch: 7,
    endPoints: [{ name: "PLAINTEXT", host: `host${brokerId}`, port: 9092, securityProtocol: 0 }],
    features: [],
    rack: null,
    fenced,
    inControlledShutdown: false,
    logDirs: [],
    cordonedLogDirs: null
  }) as const

/** Kafka's topic config table, and two effective configs to be shown. */
export const testConfigRules: ConfigRulesShape = {
  validate: (type, _name, configs) => {
    const message = type === "TOPIC" ? validateTopicConfigs(configs) : undefined
    return message === undefined ? undefined : operationError(ErrorCode.INVALID_CONFIG, message)
  },
  isList: (_type, key) => key === "cleanup.policy",
  defaultOf: (_type, key) => key === "cleanup.policy" ? "delete" : null,
  effectiveTopicConfigs: (_image, overrides) => [
    {
      name: "cleanup.policy",
      value: overrides.get("cleanup.policy") ?? "delete",
      readOnly: false,
      configSource: overrides.has("cleanup.policy") ? 1 : 5,
      isSensitive: false
    }
  ]
}

/** A controller in memory, with all that handlers want of it. */
export const layerTestController = (properties: Readonly<Record<string, string>> = {}) => {
  const applied: Array<ReadonlyArray<readonly [string | undefined, string | undefined]>> = []
  const layer = layerController().pipe(
    Layer.provideMerge(Layer.mergeAll(
      layerMemoryMetadataLog,
      MetadataPublisher.layer(blankImage()),
      BrokerConfig.layer(properties),
      Layer.succeed(ConfigRules, testConfigRules),
      Layer.succeed(LeadershipChanges, {
        apply: (_previous, _next, topics) =>
          Effect.sync(() => {
            if (topics.length > 0) applied.push(topics.map(({ after, before }) => [before?.name, after?.name]))
          })
      })
    ))
  )
  return { layer, applied }
}
