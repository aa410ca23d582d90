import { dumpLogFile } from "@kafka-broker/core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codecs } from "../NodeCompression.ts"
import { UsageError } from "./UsageError.ts"

const readFile = (path: string): Uint8Array => {
  try {
    return Fs.readFileSync(path)
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause))
  }
}

const dump = (path: string): Iterable<string> => {
  const absolute = Path.resolve(path)
  const isMetadata = Path.basename(Path.dirname(absolute)).startsWith("__cluster_metadata-")
  const lines = dumpLogFile(Path.basename(absolute), readFile(absolute), { codecs, isMetadata })
  if (lines === undefined) throw new UsageError(`${path} is no .log, .checkpoint, .index, .timeindex or .txnindex file`)
  return lines
}

/** Prints what files of a partition directory hold. */
export const dumpLogCommand = Command.make(
  "dump-log",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("Log, index or snapshot files"),
      Argument.atLeast(1)
    )
  },
  Effect.fnUntraced(function*({ files }) {
    for (const file of files) {
      const lines = yield* Effect.try({ try: () => dump(file), catch: (cause) => cause as UsageError })
      yield* Console.log(`Dumping ${file}`)
      for (const line of lines) yield* Console.log(line)
    }
  })
).pipe(Command.withDescription("Print batches and records of .log files, entries of indexes, metadata records"))
