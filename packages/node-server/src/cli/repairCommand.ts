import { allowedOption, type Finding, repairDirectory, type RepairOption } from "@kafka-broker/core/tools"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openForTools } from "./openForTools.ts"
import { UsageError } from "./UsageError.ts"
import { summary, verifyFiles } from "./verifyCommand.ts"

const flagOf: Readonly<Record<RepairOption, string>> = {
  truncate: "--truncate",
  skip: "--skip",
  rebuildIndexes: "--rebuild-indexes",
  adopt: "--adopt"
}

const allows = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** `topic=count` pairs. */
const parseCounts = (texts: ReadonlyArray<string>): ReadonlyMap<string, number> | string => {
  const counts = new Map<string, number>()
  for (const text of texts) {
    const match = /^(.+)=([1-9]\d{0,6})$/.exec(text)
    if (match === null) return `--partitions ${text}: topic=count is wanted`
    counts.set(match[1]!, Number(match[2]))
  }
  return counts
}

const show = Effect.fnUntraced(function*(findings: ReadonlyArray<Finding>) {
  for (const { choices, isDamage, message } of findings) {
    yield* Console.log(`${isDamage ? "damage" : "note"}: ${message}`)
    for (const { effect, option } of choices) yield* Console.log(`  ${flagOf[option]}: ${effect}`)
    if (isDamage && choices.length === 0) yield* Console.log("  nothing here can mend it: take it from a copy")
  }
})

/** A spot that is mended may hide the next one; more rounds than this mean that nothing gets better. */
const roundsMax = 1000

/** Shows what is damaged and what each choice would save; does what it is told to. */
export const repairCommand = Command.make(
  "repair",
  {
    directory: Argument.String("directory").pipe(
      Argument.withDescription("Data directory of a broker that is stopped")
    ),
    truncate: allows("truncate", "Cut a damaged log where the damage begins"),
    skip: allows("skip", "Give up the damaged records only, and keep those behind them"),
    rebuildIndexes: allows(
      "rebuild-indexes",
      "Make indexes, snapshots and checkpoints anew that do not fit their logs"
    ),
    adopt: allows("adopt", "Make topics of the logs that are there when the metadata log is gone"),
    partitions: Flag.String("partitions").pipe(
      Flag.withDescription("For --adopt, as topic=count: partitions of a topic; repeatable"),
      Flag.atLeast(0)
    )
  },
  Effect.fnUntraced(function*({ directory, partitions, ...flags }) {
    const partitionCounts = parseCounts(partitions)
    if (typeof partitionCounts === "string") return yield* Effect.fail(new UsageError(partitionCounts))
    const allowed = new Set<RepairOption>(
      (["truncate", "skip", "rebuildIndexes", "adopt"] as const).filter((option) => flags[option])
    )
    yield* Effect.scoped(Effect.gen(function*() {
      const files = yield* openForTools(directory)
      let verified = yield* verifyFiles(directory, files, undefined)
      yield* show(verified.findings)
      for (let round = 0; round < roundsMax; round++) {
        const mendable = verified.findings.filter((finding) => allowedOption(finding, allowed) !== undefined)
        if (mendable.length === 0) break
        const lines = yield* repairDirectory(files, mendable, { allowed, partitionCounts })
        for (const line of lines) yield* Console.log(`done: ${line}`)
        const before = mendable.map(({ message }) => message).join()
        verified = yield* verifyFiles(directory, files, undefined)
        const after = verified.findings.filter((finding) => allowedOption(finding, allowed) !== undefined)
        if (after.map(({ message }) => message).join() === before) break
        yield* show(after)
      }
      const line = summary(verified)
      if (verified.findings.some(({ isDamage }) => isDamage)) return yield* Effect.fail(new UsageError(line))
      yield* Console.log(line)
    }))
  })
).pipe(Command.withDescription("Show what is damaged in a data directory, and mend it when told how"))
