import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import { version } from "../Version.ts"
import { commandServices } from "./commandServices.ts"
import { kafkaBrokerCommand, withDefaultCommand } from "./kafkaBrokerCommand.ts"

/** A terminal and a package manager may both pass on the same Ctrl-C; later signals mean it. */
const repeatedSignalMs = 500

/** One line for the user: the message of the first failure, or what is known of a defect. */
const explain = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const message = error instanceof Error ? error.message : String(error)
  return `kafka-broker: ${message.replace(/\s*\n\s*/g, " ")}`
}

/** What is wrong with the command line; undefined when help was asked for. Its help is already printed. */
const usageProblem = (cause: Cause.Cause<unknown>): string | undefined => {
  const error = Cause.squash(cause)
  if (!CliError.isCliError(error) || error._tag !== "ShowHelp") return undefined
  return `kafka-broker: ${error.errors.map(({ message }) => message).join("; ") || "see the help"}`
}

const stopOnSignals = (fiber: Fiber.Fiber<unknown, unknown>): void => {
  let firstMs: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = performance.now()
      fiber.interruptUnsafe()
    } else if (performance.now() - firstMs > repeatedSignalMs) {
      process.exit(signal === "SIGINT" ? 130 : 143)
    }
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
}

/** Runs the command line and ends the process: 0 after success or a clean stop, 1 with one line on stderr otherwise. */
export const runMain = (args: ReadonlyArray<string>): void => {
  const program = Command.runWith(kafkaBrokerCommand, { version, renderErrors: false })(withDefaultCommand(args))
  const fiber = Effect.runFork(Effect.provide(program, commandServices))
  stopOnSignals(fiber)
  fiber.addObserver((exit) => {
    if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return process.exit(0)
    process.stderr.write(`${usageProblem(exit.cause) ?? explain(exit.cause)}\n`)
    process.exit(1)
  })
}
