import { type LogFiles, type LogFilesError } from "@kafka-broker/core/seams"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { makeNodeLogFiles } from "../NodeLogFiles.ts"
import { UsageError } from "./UsageError.ts"

/** The files of a data directory that no broker uses while the scope is open. */
export const openForTools = Effect.fnUntraced(function*(
  directory: string
): Effect.fn.Return<LogFiles["Service"], UsageError, Scope.Scope> {
  const path = Path.resolve(directory)
  if (Fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return yield* Effect.fail(new UsageError(`${path} is no directory`))
  }
  const files = makeNodeLogFiles(path)
  yield* Effect.mapError(files.lock(".lock"), (error) => new UsageError(troubleOf(path, error)))
  return files
})

/** A failure of the directory as a whole in one line. */
export const troubleOf = (path: string, { message, reason }: LogFilesError): string =>
  reason === "Locked" ? `${path} is in use by a broker: stop it first` : `${path}: ${message}`

/** A line on the terminal that shows how far the work is; nothing where stderr is no terminal. */
export const progressLine = (what: string, totalBytes: number) => {
  const { stderr } = process
  let doneBytes = 0
  let shown = -1
  return {
    add: (bytes: number): void => {
      doneBytes += bytes
      const percent = totalBytes === 0 ? 100 : Math.min(100, Math.floor(doneBytes * 100 / totalBytes))
      if (!stderr.isTTY || percent === shown) return
      shown = percent
      stderr.write(`\r${what} [${"#".repeat(percent / 5).padEnd(20)}] ${percent} %`)
    },
    end: (): void => {
      if (stderr.isTTY && shown >= 0) stderr.write("\r\x1b[K")
    }
  }
}

/** Bytes of all `.log` files below a directory, as far as they can be seen. */
export const logBytesBelow = (directory: string): number => {
  let bytes = 0
  for (const entry of Fs.readdirSync(directory, { withFileTypes: true })) {
    const path = Path.join(directory, entry.name)
    try {
      if (Fs.statSync(path).isDirectory()) {
        for (const name of Fs.readdirSync(path)) {
          if (name.endsWith(".log")) bytes += Fs.statSync(Path.join(path, name)).size
        }
      }
    } catch {
      // It is reported by the check itself.
    }
  }
  return bytes
}
