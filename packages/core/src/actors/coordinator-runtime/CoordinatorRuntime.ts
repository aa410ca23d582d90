import { Clock, Effect, FiberSet } from "effect"
import type { Scope } from "effect"
import { Metadata } from "../../metadata/Metadata.ts"
import { coordinatorPartition } from "../../model/coordinatorPartition.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { monotonicMs } from "../../model/monotonicMs.ts"
import { Compression } from "../../seams/Compression.ts"
import { makeDeadlineClock } from "../DeadlineClock.ts"
import { PartitionLeaders } from "../partition-leader/PartitionLeaders.ts"
import type { Coordination, CoordinatorMachine, ReplyTo } from "./CoordinatorMachine.ts"
import {
  CoordinatorPartition,
  type CoordinatorServices,
  type PartitionDeadline,
  type Waiter
} from "./CoordinatorPartition.ts"

/** Gives the part of the answers that one operation takes; undefined for the answer of another. */
export type Take<Reply, Response> = (reply: Reply) => Response | undefined

/**
 * Owns the partitions of an internal topic that are led here, for one machine. A key whose topic does not exist yet is
 * answered with NOT_COORDINATOR (16): the topic is made when a client asks for its coordinator. Source:
 * CoordinatorRuntime.
 */
export interface CoordinatorRuntime<C extends Coordination> {
  /** The partitions led here. */
  readonly partitions: () => ReadonlyArray<CoordinatorPartition<C>>
  /** The partition of this number, led or not. */
  readonly at: (partition: number) => CoordinatorPartition<C>
  /** The partition of a key; undefined while the topic does not exist. */
  readonly of: (key: string) => CoordinatorPartition<C> | undefined
  readonly submit: (
    key: string,
    command: (replyTo: ReplyTo) => C["Command"],
    waiter: Waiter<C["Reply"]>
  ) => () => void
  /** As `submit`, as an effect; `failed` makes the answer of a code. */
  readonly ask: <Response>(
    key: string,
    command: (replyTo: ReplyTo) => C["Command"],
    take: Take<C["Reply"], Response>,
    failed: (errorCode: ErrorCode) => Response
  ) => Effect.Effect<Response>
  /** Reads what is committed. */
  readonly read: <Response>(
    key: string,
    use: (state: C["State"]) => Response,
    failed: (errorCode: ErrorCode) => Response
  ) => Effect.Effect<Response>
  /** Starts to read every partition that is led here and not loaded yet. */
  readonly loadAll: () => void
  /** Answers what waits for other commands with NOT_COORDINATOR (16). */
  readonly stopWaiting: () => void
}

/** The partitions of a topic, made on first use. */
class Partitions<C extends Coordination> {
  private readonly known: Array<CoordinatorPartition<C>> = []
  private readonly services: CoordinatorServices<C>
  private readonly metadata: Metadata["Service"]

  constructor(services: CoordinatorServices<C>, metadata: Metadata["Service"]) {
    this.services = services
    this.metadata = metadata
  }

  get count(): number {
    return this.metadata.current().topic(this.services.machine.topic)?.partitions.length ?? 0
  }

  at(partition: number): CoordinatorPartition<C> {
    return this.known[partition] ??= new CoordinatorPartition(partition, this.services)
  }

  of(key: string): CoordinatorPartition<C> | undefined {
    const { count } = this
    return count === 0 ? undefined : this.at(coordinatorPartition(key, count))
  }

  led(): ReadonlyArray<CoordinatorPartition<C>> {
    const led: Array<CoordinatorPartition<C>> = []
    for (let i = 0; i < this.count; i++) if (this.services.findLeader(i) !== undefined) led.push(this.at(i))
    return led
  }

  each(use: (partition: CoordinatorPartition<C>) => void): void {
    for (const partition of this.known) if (partition !== undefined) use(partition)
  }
}

/** Starts a runtime with one fiber for its deadlines; it answers what waits and forgets everything with the scope. */
export const makeCoordinatorRuntime = <C extends Coordination>(options: {
  readonly machine: CoordinatorMachine<C>
  readonly appendTimeoutMs: number
  readonly emit: (event: C["Event"]) => void
}): Effect.Effect<CoordinatorRuntime<C>, never, Scope.Scope | Metadata | PartitionLeaders | Compression> =>
  Effect.gen(function*() {
    const metadata = yield* Metadata
    const leaders = yield* PartitionLeaders
    const codecs = yield* Compression
    const fibers = yield* FiberSet.make()
    const run = yield* FiberSet.runtime(fibers)()
    const { machine } = options
    const clock = yield* Clock.Clock
    const { deadlines, wake } = yield* makeDeadlineClock<PartitionDeadline<C>, string>(
      ({ deadline, key, partition }) => `${partition.partition}\u0000${key}\u0000${machine.deadlineKey(deadline)}`,
      (due) => due.partition.expire(due),
      () => monotonicMs(clock)
    )
    const partitions = new Partitions<C>({
      ...options,
      clock,
      codecs,
      deadlines,
      wake,
      fork: (effect) => void run(effect),
      findLeader: (partition) => leaders.find(machine.topic, partition)
    }, metadata)
    const submit: CoordinatorRuntime<C>["submit"] = (key, command, waiter) => {
      const partition = partitions.of(key)
      if (partition !== undefined) return partition.submit(command, waiter)
      waiter.fail(ErrorCode.NOT_COORDINATOR)
      return () => {}
    }
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => partitions.each((partition) => partition.unload(ErrorCode.NOT_COORDINATOR)))
    )
    return {
      partitions: () => partitions.led(),
      at: (partition) => partitions.at(partition),
      of: (key) => partitions.of(key),
      submit,
      ask: <Response>(
        key: string,
        command: (replyTo: ReplyTo) => C["Command"],
        take: Take<C["Reply"], Response>,
        failed: (errorCode: ErrorCode) => Response
      ) =>
        Effect.callback<Response>((resume) => {
          const abandon = submit(key, command, {
            complete: (reply) => resume(Effect.succeed(take(reply) ?? failed(ErrorCode.UNKNOWN_SERVER_ERROR))),
            fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
          })
          return Effect.sync(abandon)
        }),
      read: <Response>(
        key: string,
        use: (state: C["State"]) => Response,
        failed: (errorCode: ErrorCode) => Response
      ) =>
        Effect.callback<Response>((resume) => {
          const partition = partitions.of(key)
          if (partition === undefined) return resume(Effect.succeed(failed(ErrorCode.NOT_COORDINATOR)))
          partition.read(use, {
            complete: (response) => resume(Effect.succeed(response)),
            fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
          })
        }),
      loadAll: () => {
        for (const partition of partitions.led()) partition.readiness()
      },
      stopWaiting: () => partitions.each((partition) => partition.stopWaiting(ErrorCode.NOT_COORDINATOR))
    }
  })
