import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { scanBatches } from "./BatchScan.ts"
import { lastOffsetOf } from "./BatchScan.ts"
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetName,
  offsetOf,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX
} from "./LogFileNames.ts"

type Files = LogFiles["Service"]

/** What a partition directory holds once leftovers are gone; offsets ascending. */
export interface SegmentFiles {
  readonly segments: ReadonlyArray<{ readonly baseOffset: number; readonly sizeBytes: number }>
  readonly snapshots: ReadonlyArray<number>
  /** Name of a `.log` that is gone, though its index lies between segments; nothing else was looked at then. */
  readonly lost?: string
}

const indexSuffixes = [INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]
const swappable = [LOG_SUFFIX, ...indexSuffixes]

const endOffsetOf = Effect.fnUntraced(function*(files: Files, path: string, baseOffset: number) {
  const file = yield* files.open(path, { create: false })
  let end = baseOffset
  const scan = scanBatches(file, { from: 0, to: file.sizeBytes, content: "Headers" }, (bytes, at) => {
    end = lastOffsetOf(bytes, at) + 1
    return true
  })
  yield* Effect.ensuring(scan, file.close)
  return end
})

/**
 * Finishes or undoes what a stopped compaction left: everything `.cleaned` goes, with every `.swap` from its first offset
 * on; a remaining `.swap` replaces the segments of its range. Source: LogLoader.load, KAFKA-6264.
 */
const completeSwaps = Effect.fnUntraced(function*(files: Files, directory: string, names: ReadonlyArray<string>) {
  const baseOf = (name: string, outer: string): number =>
    Math.max(-1, ...swappable.map((suffix) => offsetOf(name, suffix + outer) ?? -1))
  const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX))
  const firstCleaned = Math.min(Infinity, ...cleaned.map((name) => baseOf(name, CLEANED_SUFFIX)))
  const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX))
  const dropped = swaps.filter((name) => baseOf(name, SWAP_SUFFIX) >= firstCleaned)
  for (const name of [...cleaned, ...dropped]) yield* files.remove(`${directory}/${name}`)
  const kept = swaps.filter((name) => !dropped.includes(name))
  for (const name of kept) {
    const baseOffset = offsetOf(name, LOG_SUFFIX + SWAP_SUFFIX)
    if (baseOffset === undefined) continue
    const end = yield* endOffsetOf(files, `${directory}/${name}`, baseOffset)
    for (const other of names) {
      const replaced = offsetOf(other, LOG_SUFFIX)
      if (replaced === undefined || (replaced !== baseOffset && (replaced < baseOffset || replaced >= end))) continue
      for (const suffix of swappable) yield* files.remove(`${directory}/${offsetName(replaced)}${suffix}`)
    }
  }
  for (const name of kept) {
    yield* files.rename(`${directory}/${name}`, `${directory}/${name.slice(0, -SWAP_SUFFIX.length)}`)
  }
  return cleaned.length > 0 || swaps.length > 0
})

/** Cleans up a partition directory and lists its segments and producer snapshots. Source: LogLoader.loadSegmentFiles. */
export const loadSegmentFiles = Effect.fnUntraced(function*(
  files: Files,
  directory: string
): Effect.fn.Return<SegmentFiles, LogFilesError> {
  let names = (yield* files.list(directory)).filter((entry) => !entry.isDirectory).map((entry) => entry.name)
  const swapped = yield* completeSwaps(files, directory, names)
  if (swapped) {
    yield* files.syncDirectory(directory)
    names = (yield* files.list(directory)).filter((entry) => !entry.isDirectory).map((entry) => entry.name)
  }
  const bases: Array<number> = []
  const snapshots: Array<number> = []
  for (const name of names) {
    if (name.endsWith(DELETED_SUFFIX)) yield* files.remove(`${directory}/${name}`)
    const base = offsetOf(name, LOG_SUFFIX)
    if (base !== undefined) bases.push(base)
    const snapshot = offsetOf(name, SNAPSHOT_SUFFIX)
    if (snapshot !== undefined) snapshots.push(snapshot)
  }
  const ascending = (a: number, b: number) => a - b
  const known = new Set(bases.sort(ascending))
  for (const name of names) {
    const base = indexSuffixes.map((suffix) => offsetOf(name, suffix)).find((each) => each !== undefined)
    if (base === undefined || known.has(base)) continue
    // Deletion begins with the oldest segment and compaction leaves a `.swap`: neither makes a hole in the middle.
    const isBetween = base > bases[0]! && base < bases.at(-1)!
    if (isBetween && !swapped) return { segments: [], snapshots: [], lost: offsetName(base) + LOG_SUFFIX }
    // An index without its segment would be taken for that of a later segment with the same name.
    yield* files.remove(`${directory}/${name}`)
  }
  const segments: Array<{ baseOffset: number; sizeBytes: number }> = []
  for (const baseOffset of bases) {
    segments.push({ baseOffset, sizeBytes: yield* files.sizeOf(`${directory}/${offsetName(baseOffset)}${LOG_SUFFIX}`) })
  }
  return { segments, snapshots: snapshots.sort(ascending) }
})
