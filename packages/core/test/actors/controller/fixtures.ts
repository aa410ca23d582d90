import { Effect, Layer } from "effect"
import type { ConfigRulesShape } from "../../../src/config/ConfigRules.ts"
import { ConfigRules } from "../../../src/config/ConfigRules.ts"
import { Controller, type ControllerDecision } from "../../../src/actors/controller/Controller.ts"
import { layerController } from "../../../src/actors/controller/ControllerActor.ts"
import type { ControllerCommand } from "../../../src/actors/controller/ControllerCommand.ts"
import { decide } from "../../../src/actors/controller/decide.ts"
import { type OperationError, operationError } from "../../../src/model/OperationError.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { validateTopicConfigs } from "../../../src/config/TopicConfigs.ts"
import { type ClusterImage, emptyImage } from "../../../src/metadata/ClusterImage.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import { layerMemoryMetadataLog } from "../../metadata/MemoryMetadataLog.ts"
import { MetadataPublisher } from "../../../src/metadata/MetadataPublisher.ts"
import type { BrokerImage, MetadataImage } from "../../../src/metadata/MetadataImage.ts"
import { type MetadataRecord, type MetadataRecordOf, newPartition } from "../../../src/metadata/MetadataRecord.ts"
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

/** What broker `id` is registered with. */
export const broker = (id: number, fenced = false): BrokerImage => ({
  id,
  epoch: 7,
  incarnationId: testId(id),
  endPoints: [{ name: "PLAINTEXT", host: `host${id}`, port: 9092, securityProtocol: 0 }],
  features: [],
  rack: null,
  fenced,
  inControlledShutdown: false,
  logDirs: id === 1 ? [testDirectory] : [],
  cordonedLogDirs: null
})

/** Broker 1, registered by a log before the one that is replayed. */
export const blankImage = (): ClusterImage =>
  replay(emptyImage({ clusterId: "test-cluster", controllerId: 1 }), [registration(1, false)], 0)

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

export const registration = (brokerId: number, fenced: boolean): MetadataRecordOf<"RegisterBroker"> => {
  const { epoch, id, ...fields } = broker(brokerId, fenced)
  return { _tag: "RegisterBroker", brokerId: id, brokerEpoch: epoch, isMigratingZkBroker: false, ...fields }
}

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

/** Runs a decision of the test's own in the place of a command, on a controller of `layerDecidingController`. */
export const runDecision = <Reply>(
  decision: (image: MetadataImage) => ControllerDecision<Reply>
): Effect.Effect<Reply, OperationError, Controller> =>
  Effect.flatMap(Controller, ({ run }) => run(testCommand(decision)) as Effect.Effect<Reply, OperationError>)

/** A command whose decision is the test's own. */
export const testCommand = (decision: (image: MetadataImage) => ControllerDecision<unknown>): ControllerCommand =>
  ({ _tag: "Test", decision }) as unknown as ControllerCommand

const decideOrTest: typeof decide = (image, command, rules) => {
  const { decision } = command as { readonly decision?: (image: MetadataImage) => ControllerDecision<unknown> }
  return decision?.(image) ?? decide(image, command, rules)
}

/** A controller that knows the commands of tests beside its own. */
export const layerDecidingController = (
  shutDown: ReadonlyArray<ControllerCommand> = [],
  rules: ConfigRulesShape = testConfigRules
) =>
  layerController({ startUp: () => Effect.succeed([]), shutDown, decide: decideOrTest }).pipe(
    Layer.provide(Layer.succeed(ConfigRules, rules))
  )

/** A controller in memory, with all that handlers want of it. */
export const layerTestController = (
  properties: Readonly<Record<string, string>> = {},
  rules: ConfigRulesShape = testConfigRules
) => {
  const applied: Array<ReadonlyArray<readonly [string | undefined, string | undefined]>> = []
  const layer = layerDecidingController([], rules).pipe(
    Layer.provideMerge(Layer.mergeAll(
      layerMemoryMetadataLog,
      MetadataPublisher.layer(blankImage()),
      BrokerConfig.layer(properties),
      Layer.succeed(ConfigRules, rules),
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
