import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { Uuid } from "../model/Uuid.ts"
import { Metadata } from "../protocol/apis/Metadata.ts"
import { OffsetCommit } from "../protocol/apis/OffsetCommit.ts"
import { atCoordinator } from "./atCoordinator.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import type { Position, ResetPolicy } from "./fetchBatches.ts"
import type { Assignment, GroupMember } from "./GroupMember.ts"
import { committedOffsets } from "./groupOffsets.ts"
import { type KafkaError, kafkaError, type Where } from "./KafkaError.ts"
import { listOffsets } from "./partitionOffsets.ts"

/** The newest version that names topics instead of ids. */
const offsetCommitVersion = 9
/** Tries of a commit whose epoch a heartbeat overtook. */
const staleRetries = 20

/** A partition that the member owns, and where it stands. */
export interface OwnedPartition extends Position {
  readonly topicId: Uuid
  /** Of the assignment it came with: with another one it is not owned any more, though nobody said so yet. */
  readonly stint: number
}

/** The partitions a member owns: what it took over of the assignments it was given. */
export interface GroupPartitions {
  /** The assignment taken over last. */
  readonly assignment: () => Assignment
  readonly owned: () => ReadonlyArray<OwnedPartition>
  /** Lets go of what the newest assignment takes away, tells the group, and finds where to begin in what it gives. */
  readonly takeOver: Effect.Effect<void, KafkaError>
  /** Commits the next offset of a partition; fails with `STALE_MEMBER_EPOCH` when it is not owned any more. */
  readonly commit: (partition: OwnedPartition, offset: number) => Effect.Effect<void, KafkaError>
}

interface Named extends TopicPartition {
  /** A topic made again under its name is another one. */
  readonly topicId: Uuid
}

const keyOf = ({ partition, topicId }: Named): string => `${topicId}:${partition}`

const nameOf = ({ partition, topic }: TopicPartition): string => `${topic}:${partition}`

/** The assigned partitions by topic name; topics that are gone are left out, as the group takes them away soon. */
const named = Effect.fnUntraced(function*(
  connection: ClientConnection,
  assignment: Assignment
): Effect.fn.Return<ReadonlyMap<string, Named>, KafkaError> {
  if (assignment.topics.length === 0) return new Map()
  const { topics } = yield* connection.request(Metadata, {
    topics: assignment.topics.map(({ topicId }) => ({ topicId, name: null })),
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false
  })
  const names = new Map<Uuid, string>()
  for (const { errorCode, name, topicId } of topics) {
    if (errorCode === ErrorCode.NONE && name !== null) names.set(topicId, name)
    else if (errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED) {
      return yield* kafkaError(errorCode, null, { api: "Metadata", ...(name === null ? {} : { topic: name }) })
    }
  }
  const partitions = new Map<string, Named>()
  for (const { partitions: indexes, topicId } of assignment.topics) {
    const topic = names.get(topicId)
    if (topic === undefined) continue
    for (const partition of indexes) {
      const one = { topic, topicId, partition }
      partitions.set(keyOf(one), one)
    }
  }
  return partitions
})

/** No partitions yet. */
export const makeGroupPartitions = (
  connection: ClientConnection,
  member: GroupMember,
  options: { readonly group: string; readonly from: ResetPolicy }
): GroupPartitions => {
  const { from, group } = options
  let current = member.assignment()
  let owned = new Map<string, OwnedPartition>()

  /** Undefined when the topic was deleted meanwhile: the group takes it away soon. */
  const firstOffset = ({ partition, topic }: Named): Effect.Effect<number | undefined, KafkaError> =>
    listOffsets(connection, topic, [partition], from).pipe(
      Effect.map(([offset]) => offset),
      Effect.catchIf(
        ({ code }) => code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        () => Effect.succeed(undefined)
      )
    )

  /** Committed offsets, else those of the policy. */
  const begin = Effect.fnUntraced(function*(partitions: ReadonlyArray<Named>, stint: number) {
    if (partitions.length === 0) return []
    const committed = new Map(
      (yield* committedOffsets(connection, group, partitions)).map((one) => [nameOf(one), one.offset])
    )
    const begun: Array<OwnedPartition> = []
    for (const one of partitions) {
      const offset = committed.get(nameOf(one)) ?? (yield* firstOffset(one))
      if (offset !== undefined) begun.push({ ...one, offset, stint, released: false })
    }
    return begun
  })

  const takeOver = Effect.gen(function*() {
    const next = member.assignment()
    const wanted = yield* named(connection, next)
    const kept = new Map<string, OwnedPartition>()
    for (const [key, partition] of owned) {
      if (wanted.has(key) && partition.stint === next.stint) kept.set(key, partition)
      else partition.released = true
    }
    owned = kept
    member.acknowledge(next)
    const added = yield* begin([...wanted].filter(([key]) => !kept.has(key)).map(([, one]) => one), next.stint)
    for (const partition of added) owned.set(keyOf(partition), partition)
    current = next
  })

  const commitOf = ({ partition, topic }: OwnedPartition, offset: number): Where => ({
    api: "OffsetCommit",
    topic,
    partition,
    offset,
    group
  })

  const commitOnce = (partition: OwnedPartition, offset: number) =>
    Effect.suspend(() =>
      connection.request(OffsetCommit, {
        groupId: group,
        generationIdOrMemberEpoch: member.epoch(),
        memberId: member.memberId,
        groupInstanceId: member.instanceId,
        topics: [{
          name: partition.topic,
          topicId: Uuid.zero,
          partitions: [{ partitionIndex: partition.partition, committedOffset: offset, committedMetadata: "" }]
        }]
      }, offsetCommitVersion)
    ).pipe(Effect.flatMap(({ topics }) => {
      const errorCode = topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
      return errorCode === ErrorCode.NONE
        ? Effect.void
        : Effect.fail(kafkaError(errorCode, null, commitOf(partition, offset)))
    }))

  const commit = (partition: OwnedPartition, offset: number): Effect.Effect<void, KafkaError> =>
    Effect.suspend(() =>
      partition.released || partition.stint !== member.assignment().stint
        ? Effect.fail(kafkaError(ErrorCode.STALE_MEMBER_EPOCH, null, commitOf(partition, offset)))
        : atCoordinator(connection, group, commitOnce(partition, offset))
    ).pipe(Effect.retry({
      times: staleRetries,
      while: ({ code }) => code === ErrorCode.STALE_MEMBER_EPOCH && !partition.released
    }))

  return { assignment: () => current, owned: () => [...owned.values()], takeOver, commit }
}
