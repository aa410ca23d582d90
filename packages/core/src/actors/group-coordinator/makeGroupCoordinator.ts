import { Clock, Effect, FiberSet, Random } from "effect"
import type { Scope } from "effect"
import type { Metadata } from "../../metadata/Metadata.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import type { PartitionLeaders } from "../partition-leader/PartitionLeaders.ts"
import { makeAdminOperations } from "./adminOperations.ts"
import { CoordinatorPartition, type CoordinatorServices, type Waiter } from "./CoordinatorPartition.ts"
import { freshUuid } from "./freshUuid.ts"
import { makeGroupClock } from "./GroupClock.ts"
import type { GroupSettings } from "./GroupConfig.ts"
import type { GroupCoordinator } from "./GroupCoordinator.ts"
import { groupPartition } from "./groupPartition.ts"
import { type GroupTopics, groupTopics } from "./GroupTopics.ts"
import type { ReplyTo } from "./GroupEffect.ts"
import type { GroupCommand } from "./machine/GroupCommand.ts"
import type { PartitionState } from "./machine/PartitionState.ts"
import { makeMemberOperations } from "./memberOperations.ts"
import { makeOffsetOperations } from "./offsetOperations.ts"
import type { OffsetTransaction } from "./records/recordBatch.ts"

/** How the operations reach the partition of a group. */
export interface GroupAccess {
  readonly settings: GroupSettings
  readonly topics: () => GroupTopics
  /** A random UUID in Java's text form. */
  readonly freshUuid: () => string
  /** The partitions led here. */
  readonly partitions: () => ReadonlyArray<CoordinatorPartition>
  readonly submit: (
    groupId: string,
    command: (replyTo: ReplyTo) => GroupCommand,
    waiter: Waiter,
    transaction?: OffsetTransaction
  ) => () => void
  /** As `submit`, as an effect; `failed` makes the answer of a code. */
  readonly ask: <Response>(
    groupId: string,
    command: (replyTo: ReplyTo) => GroupCommand,
    failed: (errorCode: ErrorCode) => Response,
    transaction?: OffsetTransaction
  ) => Effect.Effect<Response>
  /** Reads what is committed. */
  readonly read: <Response>(
    groupId: string,
    use: (state: PartitionState) => Response,
    failed: (errorCode: ErrorCode) => Response
  ) => Effect.Effect<Response>
}

/** The partitions of `__consumer_offsets`, made on first use. */
class Partitions {
  private readonly known: Array<CoordinatorPartition> = []
  private readonly services: CoordinatorServices

  constructor(services: CoordinatorServices) {
    this.services = services
  }

  get count(): number {
    return this.services.metadata.current().topic(TopicName.groupMetadata)?.partitions.length ?? 0
  }

  at(partition: number): CoordinatorPartition {
    return this.known[partition] ??= new CoordinatorPartition(partition, this.services)
  }

  of(groupId: string): CoordinatorPartition | undefined {
    const { count } = this
    return count === 0 ? undefined : this.at(groupPartition(groupId, count))
  }

  led(): ReadonlyArray<CoordinatorPartition> {
    const led: Array<CoordinatorPartition> = []
    for (let i = 0; i < this.count; i++) if (this.services.findLeader(i) !== undefined) led.push(this.at(i))
    return led
  }

  unloadAll(): void {
    for (const partition of this.known) partition?.unload(ErrorCode.NOT_COORDINATOR)
  }
}

const accessTo = (
  partitions: Partitions,
  services: CoordinatorServices,
  uuid: () => string
): GroupAccess => {
  const submit: GroupAccess["submit"] = (groupId, command, waiter, transaction) => {
    const partition = partitions.of(groupId)
    if (partition !== undefined) return partition.submit(command, waiter, transaction)
    // The topic is made when a client asks for its coordinator.
    waiter.fail(ErrorCode.NOT_COORDINATOR)
    return () => {}
  }
  return {
    settings: services.settings,
    topics: services.topics,
    freshUuid: uuid,
    partitions: () => partitions.led(),
    submit,
    ask: <Response>(
      groupId: string,
      command: (replyTo: ReplyTo) => GroupCommand,
      failed: (errorCode: ErrorCode) => Response,
      transaction?: OffsetTransaction
    ) =>
      Effect.callback<Response>((resume) => {
        const abandon = submit(groupId, command, {
          complete: (response) => resume(Effect.succeed(response as Response)),
          fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
        }, transaction)
        return Effect.sync(abandon)
      }),
    read: (groupId, use, failed) =>
      Effect.callback((resume) => {
        const partition = partitions.of(groupId)
        if (partition === undefined) return resume(Effect.succeed(failed(ErrorCode.NOT_COORDINATOR)))
        partition.read(use, {
          complete: (response) => resume(Effect.succeed(response as ReturnType<typeof use>)),
          fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
        })
      })
  }
}

/** Builds the coordinator and its two fibers: one for deadlines, one for offsets whose time is over. */
export const makeGroupCoordinator = (options: {
  readonly settings: GroupSettings
  readonly metadata: Metadata["Service"]
  readonly leaders: PartitionLeaders["Service"]
  readonly codecs: CompressionCodecs
}): Effect.Effect<GroupCoordinator["Service"], never, Scope.Scope> =>
  Effect.gen(function*() {
    const { codecs, leaders, metadata, settings } = options
    const clock = yield* Clock.Clock
    const random = yield* Random.Random
    const fibers = yield* FiberSet.make()
    const run = yield* FiberSet.runtime(fibers)()
    const groupClock = yield* makeGroupClock
    let image = metadata.current()
    let topics = groupTopics(image)
    const services: CoordinatorServices = {
      clock,
      codecs,
      metadata,
      settings,
      timers: groupClock.timers,
      wake: groupClock.wake,
      topics: () => {
        const newest = metadata.current()
        if (newest !== image) {
          image = newest
          topics = groupTopics(newest)
        }
        return topics
      },
      fork: (effect) => void run(effect),
      findLeader: (partition) => leaders.find(TopicName.groupMetadata, partition)
    }
    const partitions = new Partitions(services)
    const access = accessTo(partitions, services, () => freshUuid(random))
    const loadAll = (): void => {
      for (const partition of partitions.led()) partition.readiness()
    }
    yield* Effect.addFinalizer(() => Effect.sync(() => partitions.unloadAll()))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(
      Effect.sleep(settings.offsetsRetentionCheckIntervalMs),
      Effect.sync(() => {
        for (const partition of partitions.led()) partition.expireOffsets()
      })
    )))
    loadAll()
    return {
      ...makeMemberOperations(access),
      ...makeOffsetOperations(access),
      ...makeAdminOperations(access),
      completeTransaction: (partition, producerId, isCommit) =>
        partitions.at(partition).completeTransaction(producerId, isCommit),
      loadAll
    }
  })
