import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { formatCheckpoint, parseCheckpoint } from "./CheckpointText.ts"
import { decodeAscii, encodeAscii, readFile, writeFileAtomically } from "./StateFile.ts"

type Files = LogFiles["Service"]

/** Offsets by partition directory name, such as `orders-0`. */
export type OffsetCheckpoint = ReadonlyMap<string, number>

/** The offsets of a checkpoint's text; undefined when it is damaged, be it in one line. */
export const parseOffsetCheckpoint = (text: string): Map<string, number> | undefined => {
  const offsets = new Map<string, number>()
  const lines = parseCheckpoint(text)
  if (lines === undefined) return undefined
  for (const line of lines) {
    const match = /^(\S+)\s+(\d+)\s+(\d+)$/.exec(line)
    if (match === null || !Number.isSafeInteger(Number(match[3]))) return undefined
    offsets.set(`${match[1]}-${match[2]}`, Number(match[3]))
  }
  return offsets
}

/** The text of a checkpoint: `<topic> <partition> <offset>` per line. */
export const formatOffsetCheckpoint = (offsets: OffsetCheckpoint): string =>
  formatCheckpoint(Array.from(offsets, ([directory, offset]) => {
    const dash = directory.lastIndexOf("-")
    return `${directory.slice(0, dash)} ${directory.slice(dash + 1)} ${offset}`
  }))

/** Reads a checkpoint file; undefined when it is missing or, which is logged, damaged. Source: OffsetCheckpointFile. */
export const readOffsetCheckpoint = Effect.fnUntraced(function*(
  files: Files,
  path: string
): Effect.fn.Return<Map<string, number> | undefined, LogFilesError> {
  const bytes = yield* readFile(files, path)
  if (bytes === undefined) return undefined
  const offsets = parseOffsetCheckpoint(decodeAscii(bytes))
  if (offsets === undefined) yield* Effect.logWarning(`${path} is damaged: it is taken as empty`)
  return offsets
})

/** Replaces a checkpoint file atomically and durably. */
export const writeOffsetCheckpoint = (
  files: Files,
  path: string,
  offsets: OffsetCheckpoint
): Effect.Effect<void, LogFilesError> => writeFileAtomically(files, path, encodeAscii(formatOffsetCheckpoint(offsets)))
