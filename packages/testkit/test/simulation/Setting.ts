import { type ErrorCode, errorName } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../src/simulation/SimRandom.ts"
import type { SimWorld } from "../../src/simulation/SimWorld.ts"
import type { NoAnswer } from "./client/WireClient.ts"
import { ErrorCode as Codes } from "@kafka-broker/core/protocol"
import type { History } from "./History.ts"

/** A topic that is there for the whole run. */
export interface StandingTopic {
  readonly name: string
  /** Whether producers with acks 0 and 1 write to it, whose records a power cut may take. */
  readonly isMixed: boolean
  /** May grow. */
  partitions: number
}

/** What every workload works in. */
export interface Setting {
  readonly world: SimWorld
  readonly history: History
  readonly topics: ReadonlyArray<StandingTopic>
  /** True once no workload should begin anything new. */
  isOver: boolean
  /** While above the simulated time, workloads rest: the world idles. In microseconds. */
  restUntilMicros: number
}

/** A client program: it does so many operations, then ends. */
export interface Workload {
  readonly name: string
  readonly run: Effect.Effect<void>
}

/** Makes a workload of one kind. */
export type MakeWorkload = (setting: Setting, name: string, random: SimRandom, operations: number) => Workload

/** Longest pause of a client between two operations, in milliseconds. */
const THINK_MS_MAX = 60

/** The pause between two operations; longer while the world idles. */
export const think = (setting: Setting, random: SimRandom): Effect.Effect<void> =>
  Effect.suspend(() => {
    const restMicros = setting.restUntilMicros - setting.world.loop.nowMicros
    return Effect.sleep(Math.max(0, restMicros / 1000) + random.below(THINK_MS_MAX))
  })

/** Kafka's retriable codes that this broker may answer: a client sends the same again. Source: RetriableException. */
const retriable: ReadonlySet<number> = new Set<ErrorCode>([
  Codes.UNKNOWN_TOPIC_OR_PARTITION,
  Codes.LEADER_NOT_AVAILABLE,
  Codes.NOT_LEADER_OR_FOLLOWER,
  Codes.REQUEST_TIMED_OUT,
  Codes.NETWORK_EXCEPTION,
  Codes.COORDINATOR_LOAD_IN_PROGRESS,
  Codes.COORDINATOR_NOT_AVAILABLE,
  Codes.NOT_COORDINATOR,
  Codes.NOT_ENOUGH_REPLICAS,
  Codes.NOT_CONTROLLER,
  Codes.KAFKA_STORAGE_ERROR,
  Codes.OFFSET_NOT_AVAILABLE,
  Codes.UNKNOWN_TOPIC_ID,
  Codes.INCONSISTENT_TOPIC_ID,
  Codes.UNSTABLE_OFFSET_COMMIT
])

export const isRetriable = (code: number): boolean => retriable.has(code)

/** The name of a code, or its number. */
export const codeName = (code: number): string => errorName(code as ErrorCode) ?? String(code)

/** What became of one try. */
export type Tried<A> =
  | { readonly _tag: "Answered"; readonly value: A }
  | { readonly _tag: "NoAnswer" }

/** One request, counted; its failure as a value. */
export const attempt = <A>(setting: Setting, request: Effect.Effect<A, NoAnswer>): Effect.Effect<Tried<A>> =>
  Effect.match(request, {
    onSuccess: (value): Tried<A> => {
      setting.history.operations++
      return { _tag: "Answered", value }
    },
    onFailure: (): Tried<A> => {
      setting.history.operations++
      return { _tag: "NoAnswer" }
    }
  })

/** The pause before a client tries again. */
export const backOff = (random: SimRandom): Effect.Effect<void> => Effect.sleep(20 + random.below(200))

/**
 * Asks again and again until `judge` is content, as clients do with what is safe to repeat. `judge` says what the answer
 * means: `undefined` asks again.
 */
export const untilAnswered = Effect.fnUntraced(function*<A, B>(
  setting: Setting,
  random: SimRandom,
  request: () => Effect.Effect<A, NoAnswer>,
  judge: (answer: A) => B | undefined
): Effect.fn.Return<B, never> {
  while (true) {
    const tried = yield* attempt(setting, Effect.suspend(request))
    if (tried._tag === "Answered") {
      const judged = judge(tried.value)
      if (judged !== undefined) return judged
    }
    yield* backOff(random)
  }
})
