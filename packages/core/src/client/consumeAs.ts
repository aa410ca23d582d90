import { Clock, Effect, Exit, Stream } from "effect"
import type { Scope } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { randomUuid } from "../model/randomUuid.ts"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import type { OwnedConnection } from "./ClientConnection.ts"
import type { ConsumedRecord } from "./ConsumedRecord.ts"
import { defaultWaitMs, rotated } from "./consume.ts"
import { FetchedBatches, fetchInto, nextBatch } from "./fetchBatches.ts"
import { makeGroupMember } from "./GroupMember.ts"
import { makeGroupPartitions, type OwnedPartition } from "./GroupPartitions.ts"
import type { KafkaError } from "./KafkaError.ts"

/** Kafka's `max.poll.interval.ms`. */
const defaultMaxPollIntervalMs = 300_000

/** How a member of a group consumes. */
export interface ConsumeAsOptions {
  /**
   * `afterEach` (when left out): a record is committed when the next one is asked for, and the last one when the stream
   * ends without an error. `manual`: by `commit` of the records.
   */
  readonly commit?: "afterEach" | "manual"
  /** Where a partition without a committed offset begins; `earliest` when left out. */
  readonly from?: "earliest" | "latest"
  /** The broker's first of `group.consumer.assignors` when left out. */
  readonly assignor?: "uniform" | "range"
  /** Makes a static member: it keeps its partitions for the session timeout after it left. */
  readonly instanceId?: string
  /**
   * Longest work on what was handed out, in milliseconds of the clock; 300,000 when left out. Beyond it the member leaves
   * the group, and joins again when it asks for more.
   */
  readonly maxPollIntervalMs?: number
  /** Longest wait of one poll for new records; 30 s when left out. */
  readonly maxWaitMs?: number
}

/** A record that a member of a group got. */
export interface GroupRecord extends ConsumedRecord {
  /**
   * Commits this record and all before it in its partition. Fails with `STALE_MEMBER_EPOCH` when the partition was given
   * to another member meanwhile, who gets the record again.
   */
  readonly commit: Effect.Effect<void, KafkaError>
}

/** A commit that came too late: the record is delivered again elsewhere, which is what at-least-once means. */
const isTooLate = ({ code }: KafkaError): boolean =>
  code === ErrorCode.STALE_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_MEMBER_ID ||
  code === ErrorCode.FENCED_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ||
  code === ErrorCode.GROUP_ID_NOT_FOUND

/** Records of a partition as they are handed out, and how each is committed. */
const groupRecords = (
  records: ReadonlyArray<ConsumedRecord>,
  partition: OwnedPartition,
  commit: (partition: OwnedPartition, offset: number) => Effect.Effect<void, KafkaError>
): Array<GroupRecord> => records.map((record) => ({ ...record, commit: commit(partition, record.offset + 1) }))

/**
 * Endless stream of the records of those partitions that the group gives to this member, each at least once. Heartbeats
 * run beside it; partitions are given up only between two pulls, when what was handed out is done. The end of the
 * stream's scope leaves the group.
 */
export const consumeAs = (
  connect: Effect.Effect<OwnedConnection, never, Scope.Scope>,
  codecs: CompressionCodecs,
  group: string,
  topics: ReadonlyArray<string>,
  options: ConsumeAsOptions
): Stream.Stream<GroupRecord, KafkaError> =>
  Stream.unwrap(Effect.gen(function*() {
    const coordination = yield* connect
    // A waiting fetch holds up whatever follows it on its connection, so heartbeats have another.
    const fetching = yield* connect
    const from = options.from ?? "earliest"
    const member = yield* makeGroupMember(coordination, {
      group,
      memberId: yield* randomUuid,
      topics,
      assignor: options.assignor ?? null,
      instanceId: options.instanceId ?? null,
      maxPollIntervalMs: options.maxPollIntervalMs ?? defaultMaxPollIntervalMs
    })
    const partitions = makeGroupPartitions(coordination, member, { group, from })
    const batches = new FetchedBatches<OwnedPartition>(codecs)
    const isAutomatic = options.commit !== "manual"
    const fetchOptions = { maxWaitMs: options.maxWaitMs ?? defaultWaitMs, from }
    /** Of the batch at hand: its records, and the next of them to hand out. */
    let ready: { readonly records: ReadonlyArray<GroupRecord>; readonly of: OwnedPartition; at: number } | undefined
    let handedOut: GroupRecord | undefined
    let turn = 0

    const commitHandedOut = Effect.suspend(() => {
      const record = handedOut
      handedOut = undefined
      return record === undefined ? Effect.void : Effect.catchIf(record.commit, isTooLate, () => Effect.void)
    })
    yield* Effect.addFinalizer((exit) => Exit.isSuccess(exit) ? Effect.ignore(commitHandedOut) : Effect.void)

    /** Waits for records, or for the group to want something else; a fetch given up is closed with its connection. */
    const wait = Effect.suspend(() => {
      const change = member.awaitChange(partitions.assignment())
      const owned = partitions.owned()
      if (owned.length === 0) return change
      const fetch = fetchInto(fetching, batches, rotated(owned, turn++), fetchOptions).pipe(
        Effect.onInterrupt(() => fetching.disconnect),
        // A deleted topic: the group takes it away with the next heartbeat.
        Effect.catchIf(({ code }) => code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, () => change)
      )
      return Effect.raceFirst(fetch, change)
    })

    const nextReady = Effect.gen(function*() {
      while (true) {
        if (partitions.assignment() !== member.assignment()) yield* partitions.takeOver
        if (ready !== undefined && !ready.of.released && ready.at < ready.records.length) return ready
        const batch = yield* nextBatch(batches)
        if (batch === undefined) yield* wait
        else {
          const of = batch.position
          ready = { records: groupRecords(batch.records, of, partitions.commit), of, at: 0 }
        }
      }
    })

    return Stream.fromPull(Effect.succeed(Effect.gen(function*() {
      member.beginPoll()
      yield* commitHandedOut
      const batch = yield* nextReady
      member.endPoll(yield* Clock.currentTimeMillis)
      const first = batch.records[batch.at]!
      if (isAutomatic) {
        handedOut = first
        batch.at++
        return [first] as const
      }
      const rest = batch.records.slice(batch.at + 1)
      batch.at = batch.records.length
      return [first, ...rest] as const
    })))
  }))
