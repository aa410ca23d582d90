import { Effect, Schedule } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { KafkaError } from "./KafkaError.ts"

/**
 * Codes of a broker that is busy with a change of its own: nothing was done, and the same request succeeds once the
 * change is over. Of Kafka's retriable codes those are left out after which something may have been done
 * (`REQUEST_TIMED_OUT`, `NETWORK_EXCEPTION`) and those that a broker in the same process answers for good
 * (`UNKNOWN_TOPIC_OR_PARTITION`).
 */
const transient: ReadonlySet<number> = new Set<ErrorCode>([
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.OFFSET_NOT_AVAILABLE,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
  ErrorCode.NOT_CONTROLLER
])

/** Tries without a pause: most changes are over within a few turns, and a test's clock need not be moved for them. */
const promptRetries = 20
/** Tries after pauses of 10 ms, 20 ms … 10 s; 20 seconds together. */
const pausedRetries = 11

const schedule = Schedule.concat(
  Schedule.recurs(promptRetries),
  Schedule.exponential("10 millis").pipe(Schedule.upTo({ times: pausedRetries }))
)

/** Whether the same request may succeed a little later, and was not carried out now. */
export const isTransient = (error: KafkaError): boolean => transient.has(error.code)

/** Tries again while the broker is busy with a change; about 20 seconds of the clock, then the last error stands. */
export const retryTransient = <A, R>(
  request: Effect.Effect<A, KafkaError, R>
): Effect.Effect<A, KafkaError, R> =>
  // Tries without a pause would otherwise follow each other within one turn, and nothing would change.
  Effect.retry(Effect.tapError(request, () => Effect.yieldNow), { schedule, while: isTransient })
