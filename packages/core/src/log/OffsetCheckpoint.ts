import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { formatCheckpoint, parseCheckpoint } from "./CheckpointText.ts"
import { decodeAscii, encodeAscii, readFile, writeFileAtomically } from "./StateFile.ts"

type Files = LogFiles["Service"]

/** Offsets by partition directory name, such as `orders-0`. */
export type OffsetCheckpoint = ReadonlyMap<string, number>

/** The offsets of a checkpoint's text; lines that are not of a checkpoint are passed over, a damaged file is empty. */
export const parseOffsetCheckpoint = (text: string): Map<string, number> => {
  const offsets = new Map<string, number>()
  for (const line of parseCheckpoint(text) ?? []) {
    const match = /^(\S+)\s+(\d+)\s+(\d+)$/.exec(line)
    if (match !== null) offsets.set(`${match[1]}-${match[2]}`, Number(match[3]))
  }
  return offsets
}

/** The text of a checkpoint: `<topic> <partition> <offset>` per line. */
export const formatOffsetCheckpoint = (offsets: OffsetCheckpoint): string =>
  formatCheckpoint(Array.from(offsets, ([directory, offset]) => {
    const dash = directory.lastIndexOf("-")
    return `${directory.slice(0, dash)} ${directory.slice(dash + 1)} ${offset}`
  }))

/** Reads a checkpoint file; empty when it is missing or damaged. Source: OffsetCheckpointFile. */
export const readOffsetCheckpoint = Effect.fnUntraced(function*(
  files: Files,
  path: string
): Effect.fn.Return<Map<string, number>, LogFilesError> {
  const bytes = yield* readFile(files, path)
  return bytes === undefined ? new Map() : parseOffsetCheckpoint(decodeAscii(bytes))
})

/** Replaces a checkpoint file atomically and durably. */
export const writeOffsetCheckpoint = (
  files: Files,
  path: string,
  offsets: OffsetCheckpoint
): Effect.Effect<void, LogFilesError> => writeFileAtomically(files, path, encodeAscii(formatOffsetCheckpoint(offsets)))
