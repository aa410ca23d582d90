import { dumpLogFile } from "@kafka-broker/core/tools"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codecs } from "../NodeCompression.ts"
import { UsageError } from "./UsageError.ts"

const kinds = ".log, .checkpoint, .index, .timeindex or .txnindex"
const isShown = (name: string): boolean => /\.(log|checkpoint|index|timeindex|txnindex)$/.test(name)

/** Throws `UsageError` with the path when the system refuses. */
const read = <A>(path: string, run: () => A): A => {
  try {
    return run()
  } catch (cause) {
    throw new UsageError(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** The files that are meant by a path: itself, or what can be shown of a directory and of those below it. */
const filesOf = (path: string): ReadonlyArray<string> => {
  if (!read(path, () => Fs.statSync(path)).isDirectory()) return [path]
  const names = read(path, () => Fs.readdirSync(path, { recursive: true, encoding: "utf8" }))
  const files = names.filter(isShown).sort().map((name) => Path.join(path, name))
  if (files.length === 0) throw new UsageError(`${path} holds no ${kinds} file`)
  return files
}

const dump = (path: string): Iterable<string> => {
  const absolute = Path.resolve(path)
  const isMetadata = Path.basename(Path.dirname(absolute)).startsWith("__cluster_metadata-")
  const bytes = read(path, () => Fs.readFileSync(absolute))
  const lines = dumpLogFile(Path.basename(absolute), bytes, { codecs, isMetadata })
  if (lines === undefined) throw new UsageError(`${path} is no ${kinds} file`)
  return lines
}

const orUsageError = <A>(run: () => A) => Effect.try({ try: run, catch: (cause) => cause as UsageError })

/** Prints what files of a partition directory hold; a directory stands for all its files that can be shown. */
export const dumpLogCommand = Command.make(
  "dump-log",
  {
    paths: Argument.String("file-or-directory").pipe(
      Argument.withDescription("Log, index or snapshot files, or directories of them"),
      Argument.atLeast(1)
    )
  },
  Effect.fnUntraced(function*({ paths }) {
    for (const path of paths) {
      for (const file of yield* orUsageError(() => filesOf(path))) {
        const lines = yield* orUsageError(() => dump(file))
        yield* Console.log(`Dumping ${file}`)
        for (const line of lines) yield* Console.log(line)
      }
    }
  })
).pipe(Command.withDescription("Print batches and records of .log files, entries of indexes, metadata records"))
