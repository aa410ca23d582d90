import { Effect } from "effect"
import type { LogDescription, LogStore, LogStoreError } from "../../log/LogStore.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import { MetadataLogError } from "../../metadata/MetadataLog.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import { directoryName } from "../../model/TopicPartition.ts"
import { type AdoptedTopic, findAdoptions } from "./adoptTopics.ts"
import type { ControllerCommand } from "./ControllerCommand.ts"
import { type BrokerRegistration, decideRegisterBroker } from "./registerBroker.ts"
import { compareLogs } from "./strayLogs.ts"
import { decideTakeOver } from "./takeOver.ts"

/** What the one broker of a cluster knows at its start. */
export interface StartAloneOptions {
  /** Written when the metadata log knows no `metadata.version`: a new cluster, or a sparse log. */
  readonly bootstrapRecords: ReadonlyArray<MetadataRecord>
  /** `min.insync.replicas` as the broker was started with it; a new cluster takes it over. */
  readonly minInsyncReplicas: string
  /** Partitions of internal topics where the settings say them; used only when there is no metadata log. */
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly store: Pick<LogStore["Service"], "describe" | "setAside">
  /** This broker. */
  readonly broker: BrokerRegistration
  /** Told of the epoch of its registration. */
  readonly onRegistered: (brokerEpoch: number) => void
  /** Whether the broker found the marker of a clean stop: only then nothing that was written can be gone. */
  readonly wasStoppedCleanly: boolean
}

/**
 * What the one broker of a cluster does at its start with the image of its metadata log: it puts strays aside, and gives
 * what is to be decided: features, topics found on disk only, all leaderships. Where there is no metadata log, topics
 * are adopted from their logs. All that differs from the metadata log is logged, one line each.
 */
export const startAlone =
  (options: StartAloneOptions) =>
  (image: MetadataImage): Effect.Effect<ReadonlyArray<ControllerCommand>, LogStoreError | MetadataLogError> =>
    Effect.gen(function*() {
      const logs = yield* options.store.describe
      const isEmpty = image.endOffset === 0
      const adopted = isEmpty ? yield* adoptTopics(options, logs) : []
      if (!isEmpty) yield* settleLogs(options, image, logs)
      for (const partition of decideTakeOver(image, options.broker.id).reply) {
        yield* Effect.logWarning(`${partition} is led by this broker, which was not in sync: records may be missing`)
      }
      options.onRegistered(decideRegisterBroker(image, options.broker).reply)
      const lost = options.wasStoppedCleanly ? [] : writtenUnderCurrentEpochs(image, options.broker.id)
      return startCommands({ ...options, adopted, logs: [...logs, ...lost] })
    })

/**
 * The partitions led here, as logs that have records of the newest epoch: after a kill or a power cut each may have had some
 * that are gone, be it with its directory. Source: ReplicationControlManager.handleBrokerUnfenced.
 */
const writtenUnderCurrentEpochs = (image: MetadataImage, brokerId: number): ReadonlyArray<LogDescription> => {
  const logs: Array<LogDescription> = []
  for (const topic of image.topics()) {
    for (const { leader, leaderEpoch, partition } of topic.partitions) {
      if (leader !== brokerId) continue
      const topicPartition = { topic: topic.name, partition }
      logs.push({ topicPartition, topicId: topic.id, sizeBytes: 0, latestEpoch: leaderEpoch })
    }
  }
  return logs
}

/** The commands of a start, in order. */
export const startCommands = (
  { adopted, bootstrapRecords, broker, logs, minInsyncReplicas }:
    & Pick<StartAloneOptions, "bootstrapRecords" | "broker" | "minInsyncReplicas">
    & { readonly adopted: ReadonlyArray<AdoptedTopic>; readonly logs: ReadonlyArray<LogDescription> }
): ReadonlyArray<ControllerCommand> => [
  { _tag: "Bootstrap", records: bootstrapRecords, minInsyncReplicas },
  { _tag: "RegisterBroker", broker },
  { _tag: "AdoptTopics", brokerId: broker.id, topics: adopted },
  { _tag: "TakeOver", brokerId: broker.id },
  { _tag: "RaiseEpochs", brokerId: broker.id, logs }
]

const adoptTopics = Effect.fnUntraced(function*(
  { partitionCounts }: StartAloneOptions,
  logs: ReadonlyArray<LogDescription>
): Effect.fn.Return<ReadonlyArray<AdoptedTopic>, MetadataLogError> {
  if (logs.length === 0) return []
  const { lines, refusal, topics } = findAdoptions(logs, partitionCounts)
  if (refusal !== undefined) {
    const message = `There is no metadata log, and ${refusal}: give it as a setting, or to kafka-broker repair --adopt`
    return yield* new MetadataLogError({ reason: "Damaged", message })
  }
  yield* Effect.logWarning("There is no metadata log: topics are made from the logs that were found")
  for (const line of lines) yield* Effect.logWarning(line)
  return topics
})

const settleLogs = Effect.fnUntraced(function*(
  { broker, store }: StartAloneOptions,
  image: MetadataImage,
  logs: ReadonlyArray<LogDescription>
): Effect.fn.Return<void, LogStoreError> {
  const { offline, strays } = compareLogs(image, broker.id, logs)
  for (const line of offline) yield* Effect.logError(line)
  const names = yield* store.setAside(strays.map(({ topicPartition }) => topicPartition))
  for (const { reason, topicPartition } of strays) {
    const directory = directoryName(topicPartition)
    const now = names.get(directory)
    const done = now === undefined ? "forgotten" : `renamed to ${now}`
    yield* Effect.logWarning(`${directory} is not a log of this broker and was ${done}: ${reason}`)
  }
})
