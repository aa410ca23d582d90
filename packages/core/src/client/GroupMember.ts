import { Clock, Effect, Latch } from "effect"
import type { Scope } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { Uuid } from "../model/Uuid.ts"
import { ConsumerGroupHeartbeat, type ConsumerGroupHeartbeatResponse } from "../protocol/apis/ConsumerGroupHeartbeat.ts"
import { atCoordinator } from "./atCoordinator.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"

/** Member epochs with a meaning of their own. Source: ConsumerGroupHeartbeatRequest. */
const joiningEpoch = 0
const leavingEpoch = -1
const leavingForAWhileEpoch = -2

/** As whom a member joins which group, and what it subscribes to. */
export interface GroupMemberOptions {
  readonly group: string
  /** Chosen by the client, unique within the group (KIP-1082). */
  readonly memberId: string
  readonly topics: ReadonlyArray<string>
  /** null: the broker's first. */
  readonly assignor: string | null
  /** null: not a static member. */
  readonly instanceId: string | null
  /** A member that does not poll for so long leaves; the group waits as long for it to give partitions up. */
  readonly maxPollIntervalMs: number
}

/** What the group wants a member to own; a new object whenever that changes. */
export interface Assignment {
  /** Changes when the membership was lost: nothing owned before may be committed any more. */
  readonly stint: number
  readonly topics: ReadonlyArray<{ readonly topicId: Uuid; readonly partitions: ReadonlyArray<number> }>
}

/**
 * A member of a group under the new consumer protocol (KIP-848), apart from what it consumes. It keeps the membership
 * alive, tells what the group wants it to own, and tells the group what it owns.
 */
export interface GroupMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** 0 while it is not a member. */
  readonly epoch: () => number
  /** What the group wants it to own now. */
  readonly assignment: () => Assignment
  /** Completes when the group wants something else than `seen`; fails when the membership cannot be kept. */
  readonly awaitChange: (seen: Assignment) => Effect.Effect<void, KafkaError>
  /** The consumer owns `assignment` and let go of everything else; the group hears of it at once. */
  readonly acknowledge: (assignment: Assignment) => void
  /** The consumer asks for records: a member that left because it did not joins again. */
  readonly beginPoll: () => void
  /** The consumer works on records from now on. */
  readonly endPoll: (nowMs: number) => void
}

const keyOf = (topics: Assignment["topics"]): string =>
  topics.map(({ partitions, topicId }) => `${topicId}:${[...partitions].sort((a, b) => a - b).join()}`).sort().join(";")

const isFenced = ({ code }: KafkaError): boolean =>
  code === ErrorCode.FENCED_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_MEMBER_ID

/** What a member knows of itself. */
class Membership {
  epoch = joiningEpoch
  /** Newest wish of the group. */
  wanted: Assignment = { stint: 0, topics: [] }
  /** What the consumer took over of it. */
  owned: Assignment = this.wanted
  /** The next heartbeat says everything: the group does not know it, or may not. */
  mustTell = true
  failure: KafkaError | undefined = undefined
  /** Undefined while the consumer polls. */
  lastPollMs: number | undefined = undefined
  readonly changed = Latch.makeUnsafe(false)
  /** Open when the next heartbeat must not wait for its time. */
  readonly urgent = Latch.makeUnsafe(false)
  readonly polling = Latch.makeUnsafe(true)

  /** A heartbeat was answered. */
  accept(response: ConsumerGroupHeartbeatResponse): void {
    this.epoch = response.memberEpoch
    if (response.assignment === null) return
    const topics = response.assignment.topicPartitions
    if (keyOf(topics) !== keyOf(this.wanted.topics)) this.want({ stint: this.wanted.stint, topics })
  }

  /** No member any more; whatever it owned may be another's already. */
  lose(): void {
    this.epoch = joiningEpoch
    this.mustTell = true
    this.want({ stint: this.wanted.stint + 1, topics: [] })
    this.owned = this.wanted
  }

  fail(error: KafkaError): void {
    this.failure = error
    this.changed.openUnsafe()
  }

  private want(assignment: Assignment): void {
    this.wanted = assignment
    this.changed.openUnsafe()
  }
}

const heartbeat = (connection: ClientConnection, options: GroupMemberOptions, membership: Membership, epoch: number) =>
  Effect.suspend(() => {
    const tellsAll = membership.mustTell
    membership.mustTell = false
    return connection.request(ConsumerGroupHeartbeat, {
      groupId: options.group,
      memberId: options.memberId,
      memberEpoch: epoch,
      instanceId: options.instanceId,
      ...(tellsAll && epoch >= joiningEpoch
        ? {
          rebalanceTimeoutMs: options.maxPollIntervalMs,
          subscribedTopicNames: options.topics,
          serverAssignor: options.assignor,
          topicPartitions: membership.owned.topics
        }
        : {})
    })
  }).pipe(Effect.flatMap((response) => {
    if (response.errorCode === ErrorCode.NONE) return Effect.succeed(response)
    membership.mustTell = true
    return Effect.fail(
      kafkaError(response.errorCode, response.errorMessage, { api: "ConsumerGroupHeartbeat", group: options.group })
    )
  }))

/**
 * A member that lives until the scope closes, then leaves. It joins again by itself after it was fenced, and after it
 * left because it did not poll. Source: ConsumerMembershipManager, ConsumerHeartbeatRequestManager.
 */
export const makeGroupMember = Effect.fnUntraced(function*(
  connection: ClientConnection,
  options: GroupMemberOptions
): Effect.fn.Return<GroupMember, never, Scope.Scope> {
  const membership = new Membership()

  /** Nobody minds when it fails: the session ends by itself. */
  const leave = Effect.suspend(() => {
    if (membership.epoch === joiningEpoch) return Effect.void
    membership.lose()
    const epoch = options.instanceId === null ? leavingEpoch : leavingForAWhileEpoch
    return Effect.ignore(heartbeat(connection, options, membership, epoch))
  })

  const beat = Effect.suspend(() =>
    atCoordinator(
      connection,
      options.group,
      Effect.suspend(() => heartbeat(connection, options, membership, membership.epoch))
    )
  )

  /** One heartbeat and the pause after it. */
  const live = Effect.gen(function*() {
    const { lastPollMs } = membership
    const nowMs = yield* Clock.currentTimeMillis
    if (lastPollMs !== undefined && nowMs - lastPollMs > options.maxPollIntervalMs) {
      yield* leave
      yield* membership.polling.await
    }
    membership.urgent.closeUnsafe()
    const response = yield* Effect.catchIf(
      beat,
      (error) => isFenced(error) && membership.epoch !== joiningEpoch,
      () =>
        Effect.suspend(() => {
          membership.lose()
          return beat
        })
    )
    membership.accept(response)
    yield* Effect.raceFirst(Effect.sleep(response.heartbeatIntervalMs), membership.urgent.await)
  })

  yield* Effect.addFinalizer(() => leave)
  yield* Effect.forever(live).pipe(
    Effect.catch((error) => Effect.sync(() => membership.fail(error))),
    Effect.forkScoped
  )

  const awaitChange = (seen: Assignment): Effect.Effect<void, KafkaError> =>
    Effect.suspend(() => {
      if (membership.failure !== undefined) return Effect.fail(membership.failure)
      if (membership.wanted !== seen) return Effect.void
      membership.changed.closeUnsafe()
      return Effect.andThen(membership.changed.await, awaitChange(seen))
    })
  return {
    memberId: options.memberId,
    instanceId: options.instanceId,
    epoch: () => membership.epoch,
    assignment: () => membership.wanted,
    awaitChange,
    acknowledge: (assignment) => {
      if (assignment.stint !== membership.wanted.stint) return
      membership.owned = assignment
      membership.mustTell = true
      membership.urgent.openUnsafe()
    },
    beginPoll: () => {
      membership.lastPollMs = undefined
      membership.polling.openUnsafe()
    },
    endPoll: (nowMs) => {
      membership.lastPollMs = nowMs
      membership.polling.closeUnsafe()
    }
  }
})
