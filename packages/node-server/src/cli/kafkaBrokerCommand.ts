import * as Console from "effect/Console"
import * as Command from "effect/cli/Command"
import { version } from "../Version.ts"
import { dumpLogCommand } from "./dumpLogCommand.ts"
import { formatCommand } from "./formatCommand.ts"
import { startCommand } from "./startCommand.ts"

const versionCommand = Command.make("version", {}, () => Console.log(`kafka-broker ${version}`)).pipe(
  Command.withDescription("Print the version")
)

const subcommands = [startCommand, formatCommand, dumpLogCommand, versionCommand] as const

/** The command tree of the binary. */
export const kafkaBrokerCommand = Command.make("kafka-broker").pipe(
  Command.withDescription("A Kafka-compatible broker"),
  Command.withSubcommands(subcommands)
)

const known = new Set<string>(subcommands.map(({ name }) => name))
const ofRoot = new Set(["--help", "-h", "--version", "-v", "--completions"])

/** `start` is what runs without a command; a leading `--` is what package managers put before flags. */
export const withDefaultCommand = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = args[0] === "--" ? args.slice(1) : args
  const [first] = own
  if (first !== undefined && (known.has(first) || ofRoot.has(first.split("=")[0]!))) return own
  return ["start", ...own]
}
