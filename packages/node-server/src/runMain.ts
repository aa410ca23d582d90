import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { onStopSignals } from "./stopSignals.ts"

/** A terminal and a package manager may both pass on the same signal; a later one is a question. */
const repeatedSignalMs = 500

/** The longest delay of a timer. */
const foreverMs = 2 ** 31 - 1

/** One line: the message of the first failure, or what is known of a defect. */
const explain = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\s*\n\s*/g, " ")
}

/** How the end of a program is shown. */
export interface RunMainOptions {
  /** What stderr gets for a failure, without the line's end; one line with the message when left out. */
  readonly explain?: (cause: Cause.Cause<unknown>) => string
}

/**
 * Runs the main program of a process that has a broker in it. SIGTERM, SIGINT and SIGHUP interrupt it; its scope closes,
 * the broker stops cleanly and the process ends with 0. Further signals change nothing: a stop that was begun goes on. A
 * failure ends the process with 1 and one line on stderr.
 */
export const runMain = <A, E>(program: Effect.Effect<A, E>, options: RunMainOptions = {}): void => {
  let stoppingSinceMs: number | undefined
  const keepAlive = setInterval(() => {}, foreverMs)
  const release = onStopSignals((signal) => {
    if (stoppingSinceMs === undefined) {
      stoppingSinceMs = performance.now()
      fiber.interruptUnsafe()
    } else if (performance.now() - stoppingSinceMs > repeatedSignalMs) {
      process.stderr.write(`${signal}: still stopping; the stop that was begun goes on, only SIGKILL cuts it\n`)
    }
  })
  // The first of its steps run before this returns, and may take long: signals are looked after by then.
  const fiber = Effect.runFork(program)
  fiber.addObserver((exit) => {
    release()
    clearInterval(keepAlive)
    const isStopped = stoppingSinceMs !== undefined
    if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return isStopped ? process.exit(0) : undefined
    process.stderr.write(`${(options.explain ?? explain)(exit.cause)}\n`)
    process.exit(1)
  })
}
