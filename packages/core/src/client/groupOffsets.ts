import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { Uuid } from "../model/Uuid.ts"
import { OffsetCommit } from "../protocol/apis/OffsetCommit.ts"
import { OffsetFetch } from "../protocol/apis/OffsetFetch.ts"
import { atCoordinator } from "./atCoordinator.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { describeGroup } from "./groups.ts"
import { failOnError, type KafkaError, kafkaError } from "./KafkaError.ts"
import { listOffsets } from "./partitionOffsets.ts"
import { describeTopic } from "./topics.ts"

/** The newest version that names topics instead of ids; topics that are gone have no id. */
const namesVersion = 9

/** The offset a group goes on from in a partition. */
export interface GroupOffset extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: number
}

/** How far a group is behind in a partition. */
export interface PartitionLag extends TopicPartition {
  /** null: a member owns the partition, nothing is committed yet. */
  readonly committed: number | null
  /** The high watermark. */
  readonly end: number
  /** Records not yet committed, those of transactions and gaps included; null without a committed offset. */
  readonly lag: number | null
}

/** Where a group is set: an end of the partition, an offset, or the first record not older than a time. */
export type OffsetReset =
  | "earliest"
  | "latest"
  | { readonly offset: number }
  /** Milliseconds since the epoch; the end when no record is that young. */
  | { readonly timestamp: number }

const partitionsByTopic = <A extends TopicPartition>(
  partitions: ReadonlyArray<A>
): ReadonlyArray<[string, Array<A>]> => {
  const topics = new Map<string, Array<A>>()
  for (const one of partitions) {
    const others = topics.get(one.topic)
    if (others === undefined) topics.set(one.topic, [one])
    else others.push(one)
  }
  return [...topics]
}

const byTopicAndPartition = (a: TopicPartition, b: TopicPartition): number =>
  a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition

/**
 * Committed offsets of a group by topic and partition, of all partitions or of those given; partitions without one are
 * left out. Offsets of open transactions are waited for.
 */
export const committedOffsets = (
  connection: ClientConnection,
  group: string,
  partitions?: ReadonlyArray<TopicPartition>
): Effect.Effect<ReadonlyArray<GroupOffset>, KafkaError> =>
  atCoordinator(
    connection,
    group,
    connection.request(OffsetFetch, {
      groupId: group,
      topics: null,
      groups: [{
        groupId: group,
        topics: partitions === undefined ? null : partitionsByTopic(partitions).map(([name, ones]) => ({
          name,
          topicId: Uuid.zero,
          partitionIndexes: ones.map(({ partition }) => partition)
        }))
      }],
      requireStable: true
    }, namesVersion).pipe(Effect.flatMap(Effect.fnUntraced(function*({ groups }) {
      const offsets: Array<GroupOffset> = []
      for (const { errorCode, topics } of groups) {
        if (errorCode !== ErrorCode.NONE) return yield* kafkaError(errorCode, null, { api: "OffsetFetch", group })
        for (const { name, partitions } of topics) {
          for (const { committedOffset, errorCode, partitionIndex } of partitions) {
            if (errorCode !== ErrorCode.NONE) {
              const at = { api: "OffsetFetch", topic: name, partition: partitionIndex, group }
              return yield* kafkaError(errorCode, null, at)
            }
            if (committedOffset >= 0) offsets.push({ topic: name, partition: partitionIndex, offset: committedOffset })
          }
        }
      }
      return offsets.sort(byTopicAndPartition)
    })))
  )

/**
 * Commits offsets for a group from outside it; fails with `UNKNOWN_MEMBER_ID` while the group has members, and with the
 * first error of a partition.
 */
export const commitOffsets = (
  connection: ClientConnection,
  group: string,
  offsets: ReadonlyArray<GroupOffset>
): Effect.Effect<void, KafkaError> => {
  if (offsets.length === 0) return Effect.void
  return atCoordinator(
    connection,
    group,
    connection.request(OffsetCommit, {
      groupId: group,
      memberId: "",
      topics: partitionsByTopic(offsets).map(([name, ones]) => ({
        name,
        topicId: Uuid.zero,
        partitions: ones.map(({ offset, partition }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedMetadata: ""
        }))
      }))
    }, namesVersion).pipe(Effect.flatMap(({ topics }) =>
      failOnError(
        topics.flatMap(({ name, partitions }) => partitions.map((one) => ({ ...one, topic: name }))),
        ({ partitionIndex, topic }) => ({ api: "OffsetCommit", topic, partition: partitionIndex, group })
      )
    ))
  )
}

/** Undefined when the topic is gone. */
const endsOf = (connection: ClientConnection, topic: string, partitions: ReadonlyArray<number>) =>
  Effect.catchIf(
    listOffsets(connection, topic, partitions, "latest"),
    ({ code }) => code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    () => Effect.succeed(undefined)
  )

/**
 * How far a group is behind, by topic and partition: in all partitions with a committed offset, and in those that a
 * member owns. Fails with `GROUP_ID_NOT_FOUND` for a group that does not exist.
 */
export const lag = Effect.fnUntraced(function*(
  connection: ClientConnection,
  group: string
): Effect.fn.Return<ReadonlyArray<PartitionLag>, KafkaError> {
  const { members } = yield* describeGroup(connection, group)
  const known = new Map<string, TopicPartition & { readonly offset: number | null }>()
  for (const one of members.flatMap(({ assignment }) => assignment)) {
    known.set(`${one.topic}:${one.partition}`, { ...one, offset: null })
  }
  for (const one of yield* committedOffsets(connection, group)) known.set(`${one.topic}:${one.partition}`, one)
  const lags: Array<PartitionLag> = []
  for (const [topic, ones] of partitionsByTopic([...known.values()])) {
    const ends = yield* endsOf(connection, topic, ones.map(({ partition }) => partition))
    if (ends === undefined) continue
    ones.forEach(({ offset, partition }, i) => {
      const end = ends[i]!
      lags.push({ topic, partition, committed: offset, end, lag: offset === null ? null : Math.max(0, end - offset) })
    })
  }
  return lags.sort(byTopicAndPartition)
})

/**
 * Sets a group in every partition of a topic and returns its new offsets. An offset outside a partition is moved to its
 * nearer end. Fails with `UNKNOWN_MEMBER_ID` while the group has members. Source: ConsumerGroupCommand.resetOffsets.
 */
export const resetOffsets = Effect.fnUntraced(function*(
  connection: ClientConnection,
  group: string,
  topic: string,
  to: OffsetReset
): Effect.fn.Return<ReadonlyArray<GroupOffset>, KafkaError> {
  const partitions = (yield* describeTopic(connection, topic)).partitions.map(({ partition }) => partition)
  const earliest = yield* listOffsets(connection, topic, partitions, "earliest")
  const latest = yield* listOffsets(connection, topic, partitions, "latest")
  const found = typeof to === "object" && "timestamp" in to
    ? yield* listOffsets(connection, topic, partitions, to.timestamp)
    : undefined
  const offsets = partitions.map((partition, i) => {
    const [first, last] = [earliest[i]!, latest[i]!]
    if (to === "earliest") return { topic, partition, offset: first }
    const asked = to === "latest" ? last : "offset" in to ? to.offset : found![i]!
    const offset = found !== undefined && asked < 0 ? last : Math.min(Math.max(asked, first), last)
    return { topic, partition, offset }
  })
  yield* commitOffsets(connection, group, offsets)
  return offsets
})
