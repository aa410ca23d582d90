import { Effect } from "effect"
import { LEADER_EPOCH_FILE } from "../log/LeaderEpochFile.ts"
import { LeaderEpochs } from "../log/LeaderEpochs.ts"
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetName,
  offsetOf,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX
} from "../log/LogFileNames.ts"
import { OffsetIndex } from "../log/OffsetIndex.ts"
import { decodeProducerSnapshot } from "../log/ProducerSnapshot.ts"
import { decodeAscii, readFile } from "../log/StateFile.ts"
import { TimeIndex } from "../log/TimeIndex.ts"
import { decodeTransactionIndex } from "../log/TransactionIndex.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import type { Damage, Finding, RepairChoice } from "./Finding.ts"
import { type LastBatch, type ScannedSegment, scanSegment, segmentsIn } from "./scanSegments.ts"

/** What the log directory says of a partition. */
export interface PartitionExpectation {
  readonly directory: string
  /** From the checkpoints; 0 when they have none. */
  readonly recoveryPoint: number
  readonly logStartOffset: number
  /** Nothing of the log can be half written. */
  readonly wasClosedCleanly: boolean
  /** Whether it is the metadata log, of which nothing may be skipped. */
  readonly isMetadata: boolean
  readonly onBytes: (count: number) => Effect.Effect<void>
}

const found = (directory: string, message: string, damage: Damage, choices: ReadonlyArray<RepairChoice>): Finding => ({
  directory,
  message: `${directory}${message}`,
  isDamage: true,
  damage,
  choices
})

const records = (from: number, to: number): string => `offsets ${from} to ${to - 1}`

/** The first bad spot of a log, or a gap behind a segment, with what can be done. */
const batchFinding = (
  expectation: PartitionExpectation,
  segments: ReadonlyArray<ScannedSegment>,
  index: number
): Finding | undefined => {
  const { directory, isMetadata, recoveryPoint, wasClosedCleanly } = expectation
  const { bad, baseOffset, endOffset, resumeOffset, sizeBytes } = segments[index]!
  const path = `/${offsetName(baseOffset)}${LOG_SUFFIX}`
  const next = segments.slice(index + 1).find((each) => each.sizeBytes > 0)
  const truncate: RepairChoice = {
    option: "truncate",
    effect: `the log ends at offset ${endOffset}` +
      (next === undefined && resumeOffset < 0 ? "" : "; all from there on is cut, damaged or not")
  }
  const skip = (to: number): RepairChoice => ({
    option: "skip",
    effect: `${records(endOffset, to)} are given up, all others are kept`
  })
  if (bad !== undefined) {
    const resume = resumeOffset >= 0 ? resumeOffset : next?.baseOffset ?? -1
    const isTorn = resume < 0 && !wasClosedCleanly && endOffset >= recoveryPoint
    const message = `${path} at byte ${bad.position}: ${bad.problem}` +
      (isTorn ? `; a start cuts these ${sizeBytes - bad.position} bytes of a torn end` : "")
    const damage: Damage = {
      _tag: "BadBytes",
      baseOffset,
      position: bad.position,
      endOffset,
      resumePosition: bad.resumePosition,
      resumeOffset: resume
    }
    const choices = resume < 0 || isMetadata ? [truncate] : [truncate, skip(resume)]
    return { ...found(directory, message, damage, isTorn ? [] : choices), isDamage: !isTorn }
  }
  const after = segments[index + 1]
  if (after === undefined || after.baseOffset <= endOffset || after.baseOffset <= expectation.logStartOffset) {
    return undefined
  }
  // Compaction leaves gaps, and others inside the segments.
  if (segments.some(({ isSparse }) => isSparse)) return undefined
  const damage: Damage = { _tag: "Gap", baseOffset, endOffset, resumeOffset: after.baseOffset }
  const message = `: a segment is gone, with ${records(endOffset, after.baseOffset)}`
  return found(directory, message, damage, isMetadata ? [truncate] : [truncate, skip(after.baseOffset)])
}

const rebuild: ReadonlyArray<RepairChoice> = [{ option: "rebuildIndexes", effect: "it is made anew from the log" }]

/** The indexes of a segment as their files have them; undefined where there is no file. */
interface StoredIndexes {
  readonly offsetBytes: Uint8Array | undefined
  readonly offsets: OffsetIndex | undefined
  readonly timeBytes: Uint8Array | undefined
  readonly times: TimeIndex | undefined
  readonly isIndexed: (position: number, lastOffset: number) => boolean
}

const readIndexes = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string,
  baseOffset: number
): Effect.fn.Return<StoredIndexes, LogFilesError> {
  const stem = `${directory}/${offsetName(baseOffset)}`
  const offsetBytes = yield* readFile(files, stem + INDEX_SUFFIX)
  const offsets = offsetBytes && OffsetIndex.decode(offsetBytes, yield* files.sizeOf(stem + LOG_SUFFIX))
  const timeBytes = yield* readFile(files, stem + TIME_INDEX_SUFFIX)
  const times = timeBytes && TimeIndex.decode(timeBytes)
  const entries = <A>(count: number, entry: (index: number) => A) =>
    new Set(Array.from({ length: count }, (_, i) => entry(i)))
  const positions = entries(offsets?.entryCount ?? 0, (i) => offsets!.positionAt(i))
  const stamped = entries(times?.entryCount ?? 0, (i) => baseOffset + times!.relativeOffsetAt(i))
  const isIndexed = (position: number, lastOffset: number) => positions.has(position) || stamped.has(lastOffset)
  return { offsetBytes, offsets, timeBytes, times, isIndexed }
})

/** Compares the indexes of a segment with its batches. */
const indexFindings = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string,
  segment: ScannedSegment,
  { offsetBytes, offsets, timeBytes, times }: StoredIndexes
): Effect.fn.Return<ReadonlyArray<Finding>, LogFilesError> {
  const { aborts, baseOffset, batches } = segment
  const stem = offsetName(baseOffset)
  const findings: Array<Finding> = []
  const report = (suffix: string, problem: string) =>
    findings.push(
      found(directory, `/${stem}${suffix}: ${problem}`, { _tag: "Derived", names: [stem + suffix] }, rebuild)
    )
  if (offsetBytes !== undefined && offsets === undefined) {
    report(INDEX_SUFFIX, "its entries do not grow or point beyond the log")
  }
  for (let entry = 0; entry < (offsets?.entryCount ?? 0); entry++) {
    const position = offsets!.positionAt(entry)
    const batch = batches.get(position)
    if (batch?.lastOffset === baseOffset + offsets!.relativeOffsetAt(entry)) continue
    report(
      INDEX_SUFFIX,
      `entry ${entry} says offset ${baseOffset + offsets!.relativeOffsetAt(entry)} at byte ${position}`
    )
    break
  }
  if (timeBytes !== undefined && times === undefined) report(TIME_INDEX_SUFFIX, "its entries do not grow")
  const byOffset = new Map(Array.from(batches.values(), ({ lastOffset, maxTimestamp }) => [lastOffset, maxTimestamp]))
  for (let entry = 0; entry < (times?.entryCount ?? 0); entry++) {
    const offset = baseOffset + times!.relativeOffsetAt(entry)
    const timestamp = byOffset.get(offset)
    // Kafka has the offset of a record in entries made before 3.x, and no batch ends there.
    if (timestamp === undefined || timestamp === times!.timestampAt(entry)) continue
    report(TIME_INDEX_SUFFIX, `entry ${entry} says timestamp ${times!.timestampAt(entry)} at offset ${offset}`)
    break
  }
  const abortedBytes = yield* readFile(files, `${directory}/${stem}${TRANSACTION_INDEX_SUFFIX}`)
  const aborted = abortedBytes && decodeTransactionIndex(abortedBytes)
  const known = new Set((aborted ?? []).map(({ lastOffset, producerId }) => `${producerId} ${lastOffset}`))
  if (abortedBytes !== undefined && aborted === undefined) report(TRANSACTION_INDEX_SUFFIX, "it cannot be read")
  else if (aborts.some(({ lastOffset, producerId }) => !known.has(`${producerId} ${lastOffset}`))) {
    report(TRANSACTION_INDEX_SUFFIX, "an aborted transaction of the log is missing")
  }
  return findings
})

/** What `verify` found of a partition, and where its log ends. */
export interface VerifiedPartition {
  readonly findings: ReadonlyArray<Finding>
  readonly endOffset: number
  readonly sizeBytes: number
}

/**
 * Checks one log against itself, its indexes, its producer snapshots, its leader epochs and the checkpoints; changes
 * nothing. Stops at the first bad spot: what lies behind it is checked once that is mended.
 */
export const verifyPartition = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  expectation: PartitionExpectation
): Effect.fn.Return<VerifiedPartition, LogFilesError> {
  const { directory, logStartOffset, onBytes } = expectation
  const names = (yield* files.list(directory)).filter(({ isDirectory }) => !isDirectory).map(({ name }) => name)
  const bases = segmentsIn(names)
  const findings: Array<Finding> = []
  const last = new Map<number, LastBatch>()
  const snapshots = names.flatMap((name) => offsetOf(name, SNAPSHOT_SUFFIX) ?? []).sort((a, b) => a - b)
  const orphan = names.find((name) => {
    const base = offsetOf(name, INDEX_SUFFIX) ?? offsetOf(name, TIME_INDEX_SUFFIX)
    return base !== undefined && bases.length > 1 && base > bases[0]! && base < bases.at(-1)! && !bases.includes(base)
  })
  if (orphan !== undefined) {
    const orphans = names.filter((name) => name.startsWith(orphan.slice(0, orphan.indexOf("."))))
    const choices: ReadonlyArray<RepairChoice> = [
      { option: "truncate", effect: "its other files are put aside; the gap is then found by itself" },
      { option: "skip", effect: "its other files are put aside; the gap is then found by itself" }
    ]
    findings.push(
      found(directory, `/${orphan}: the log of this segment is gone`, { _tag: "Derived", names: orphans }, choices)
    )
  }
  const segments: Array<ScannedSegment> = []
  const indexes: Array<StoredIndexes> = []
  for (const baseOffset of bases) {
    const onProducer = (producerId: number, batch: LastBatch) => void last.set(producerId, batch)
    const stored = yield* readIndexes(files, directory, baseOffset)
    indexes.push(stored)
    segments.push(
      yield* scanSegment(files, directory, baseOffset, { onBytes, onProducer, isIndexed: stored.isIndexed })
    )
  }
  let endOffset = segments.at(-1)?.endOffset ?? logStartOffset
  const sizeBytes = segments.reduce((sum, each) => sum + each.sizeBytes, 0)
  for (let index = 0; index < segments.length; index++) {
    const finding = batchFinding(expectation, segments, index)
    if (finding === undefined) {
      findings.push(...(yield* indexFindings(files, directory, segments[index]!, indexes[index]!)))
      continue
    }
    findings.push(finding)
    if (finding.isDamage) return { findings, endOffset: segments[index]!.endOffset, sizeBytes }
    endOffset = segments[index]!.endOffset
    break
  }
  findings.push(...checkpointFindings(expectation, endOffset, segments.length))
  findings.push(...(yield* epochFindings(files, expectation, segments)))
  for (const offset of snapshots) {
    const finding = snapshotFinding(
      directory,
      offset,
      yield* readFile(files, `${directory}/${offsetName(offset)}${SNAPSHOT_SUFFIX}`),
      last
    )
    if (finding !== undefined) findings.push(finding)
  }
  return { findings, endOffset, sizeBytes }
})

const checkpointFindings = (
  { directory, isMetadata, logStartOffset, recoveryPoint }: PartitionExpectation,
  endOffset: number,
  segmentCount: number
): ReadonlyArray<Finding> => {
  if (isMetadata) return []
  const damage: Damage = { _tag: "Checkpoints" }
  const what = segmentCount === 0 ? "has no segments" : `ends at offset ${endOffset}`
  if (endOffset < recoveryPoint) {
    const effect = `the log goes on at offset ${endOffset}; ${records(endOffset, recoveryPoint)} are given up`
    const message = ` ${what}, but records below ${recoveryPoint} were synced by its recovery point`
    return [found(directory, message, damage, [{ option: "truncate", effect }])]
  }
  if (endOffset >= logStartOffset) return []
  const message = ` ${what}, below its log start offset ${logStartOffset} in the checkpoint`
  const effect = "the log start offset is forgotten: deleted records that are still there are served again"
  return [found(directory, message, damage, [{ option: "truncate", effect }])]
}

const epochFindings = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  { directory, isMetadata, logStartOffset }: PartitionExpectation,
  segments: ReadonlyArray<ScannedSegment>
): Effect.fn.Return<ReadonlyArray<Finding>, LogFilesError> {
  const bytes = yield* readFile(files, `${directory}/${LEADER_EPOCH_FILE}`)
  const first = segments[0]?.baseOffset
  if (bytes === undefined || first === undefined || isMetadata) return []
  const derived: Damage = { _tag: "Derived", names: [LEADER_EPOCH_FILE] }
  const epochs = LeaderEpochs.parse(decodeAscii(bytes))
  if (epochs === undefined) return [found(directory, `/${LEADER_EPOCH_FILE}: it cannot be read`, derived, rebuild)]
  const known = epochs.entries[0]?.startOffset ?? first
  if (known < first && logStartOffset < first) {
    const message = ` begins at offset ${first}, but its leader epochs begin at ${known}: the first segments are gone`
    const effect = `the log begins at offset ${first}; ${records(known, first)} are given up`
    return [found(directory, message, { _tag: "Epochs" }, [{ option: "skip", effect }])]
  }
  const inLog = Math.max(-1, ...segments.map(({ latestEpoch }) => latestEpoch))
  if (inLog <= epochs.latestEpoch) return []
  return [
    found(
      directory,
      `/${LEADER_EPOCH_FILE}: it knows epoch ${epochs.latestEpoch}, the log has ${inLog}`,
      derived,
      rebuild
    )
  ]
})

/** A producer's entry and the batch of that offset must agree; older batches may be gone. */
const snapshotFinding = (
  directory: string,
  offset: number,
  bytes: Uint8Array | undefined,
  last: ReadonlyMap<number, LastBatch>
): Finding | undefined => {
  const name = offsetName(offset) + SNAPSHOT_SUFFIX
  const report = (problem: string) =>
    found(directory, `/${name}: ${problem}`, { _tag: "Derived", names: [name] }, rebuild)
  const saved = bytes && decodeProducerSnapshot(bytes)
  if (saved === undefined) return report("it cannot be read")
  for (const { lastOffset, lastSequence, producerEpoch, producerId } of saved) {
    if (lastOffset >= offset) return report(`producer ${producerId} wrote offset ${lastOffset}, above the snapshot`)
    const batch = last.get(producerId)
    if (batch === undefined || lastOffset < 0 || batch.lastOffset < lastOffset) continue
    if (batch.lastOffset !== lastOffset) continue
    if (batch.lastSequence === lastSequence && batch.producerEpoch === producerEpoch) continue
    return report(`producer ${producerId} has sequence ${lastSequence}, the log has ${batch.lastSequence}`)
  }
  return undefined
}
