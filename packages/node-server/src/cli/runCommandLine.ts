import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import { runMain } from "../runMain.ts"
import { version } from "../Version.ts"
import { commandServices } from "./commandServices.ts"
import { kafkaBrokerCommand, withDefaultCommand } from "./kafkaBrokerCommand.ts"

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim()

/** What was wrong with the command line, and where its help is. */
const usageProblem = ({ commandPath, errors }: CliError.ShowHelp): string => {
  const problems = errors.map(({ message }) => message.replace(/\.?\s*Did you mean this\?\s*/, "; did you mean "))
  return `${problems.join("; ")} (see ${commandPath.join(" ")} --help)`
}

/** One line for the user: the message of the first failure, or what is known of a defect. */
const explain = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const isUsage = CliError.isCliError(error) && error._tag === "ShowHelp"
  const message = isUsage ? usageProblem(error) : error instanceof Error ? error.message : String(error)
  return `kafka-broker: ${oneLine(message)}`
}

/** A wrong command line gets one line from `explain`, and not all of its command's help. */
const presenter: CliOutput.Presenter = {
  present: (event) => event._tag === "InvalidInvocation" ? Effect.void : CliOutput.defaultPresenter.present(event)
}

/** Runs the command line and ends the process: 0 after success or a clean stop, 1 with one line on stderr otherwise. */
export const runCommandLine = (args: ReadonlyArray<string>): void => {
  const program = Effect.flatMap(
    Effect.try({ try: () => withDefaultCommand(args), catch: (error) => error }),
    Command.runWith(kafkaBrokerCommand, { version })
  )
  runMain(
    program.pipe(Effect.provideService(CliOutput.Presenter, presenter), Effect.provide(commandServices)),
    { explain }
  )
}
