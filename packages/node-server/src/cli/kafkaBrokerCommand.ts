import * as Console from "effect/Console"
import * as Command from "effect/cli/Command"
import { version } from "../Version.ts"
import { consumeCommand } from "./consumeCommand.ts"
import { dumpLogCommand } from "./dumpLogCommand.ts"
import { formatCommand } from "./formatCommand.ts"
import { groupsCommand } from "./groupsCommand.ts"
import { produceCommand } from "./produceCommand.ts"
import { readyCommand } from "./readyCommand.ts"
import { topicsCommand } from "./topicsCommand.ts"
import { repairCommand } from "./repairCommand.ts"
import { startCommand } from "./startCommand.ts"
import { UsageError } from "./UsageError.ts"
import { verifyCommand } from "./verifyCommand.ts"

const versionCommand = Command.make("version", {}, () => Console.log(`kafka-broker ${version}`)).pipe(
  Command.withDescription("Print the version")
)

const subcommands = [
  startCommand,
  readyCommand,
  topicsCommand,
  groupsCommand,
  produceCommand,
  consumeCommand,
  formatCommand,
  dumpLogCommand,
  verifyCommand,
  repairCommand,
  versionCommand
] as const

/** The command tree of the binary. */
export const kafkaBrokerCommand = Command.make("kafka-broker").pipe(
  Command.withDescription("A Kafka-compatible broker"),
  Command.withSubcommands(subcommands)
)

const known = subcommands.map(({ name }) => name)
const ofRoot = new Set(["--help", "-h", "--version", "-v", "--completions"])

/** A file of settings may stand where a command does: its name has a dot or a slash in it. */
const isFileName = (text: string): boolean => /[./\\]/.test(text)

/**
 * `start` is what runs without a command, and `help` is `--help`; a leading `--` is what package managers put before
 * flags. Throws `UsageError` for a word that is neither a command nor a file.
 */
export const withDefaultCommand = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = args[0] === "--" ? args.slice(1) : args
  const [first] = own
  if (first === "help") return [...own.slice(1), "--help"]
  if (first !== undefined && (known.some((name) => name === first) || ofRoot.has(first.split("=")[0]!))) return own
  if (first === undefined || first.startsWith("-") || isFileName(first)) return ["start", ...own]
  throw new UsageError(`unknown command ${first}; the commands are ${known.join(", ")} (see kafka-broker --help)`)
}
