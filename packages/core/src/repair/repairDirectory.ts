/**
 * `repair`: mends what `verify` finds, in the ways it was told to. What is cut or replaced is kept below `lost+found` in
 * the partition's directory, where Apache Kafka does not look. Afterwards the logs that were changed are checked as after
 * an unclean stop when they are opened.
 */
import { Effect } from "effect"
import { type AdoptedTopic, decideAdoptTopics, findAdoptions } from "../actors/controller/adoptTopics.ts"
import { describeLogs } from "../log/describeLogs.ts"
import { LEADER_EPOCH_FILE } from "../log/LeaderEpochFile.ts"
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetName,
  offsetOf,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX
} from "../log/LogFileNames.ts"
import { LogLimits } from "../log/LogLimits.ts"
import { parseMetaProperties } from "../log/MetaProperties.ts"
import { parseOffsetCheckpoint, writeOffsetCheckpoint } from "../log/OffsetCheckpoint.ts"
import { decodeAscii, readFile } from "../log/StateFile.ts"
import { fileTrouble } from "../log/storeError.ts"
import { emptyImage } from "../metadata/ClusterImage.ts"
import { readBootstrapRecords } from "../metadata/bootstrapRecords.ts"
import { layerFileMetadataLog } from "../metadata/FileMetadataLog.ts"
import { MetadataLog, type MetadataLogConflict, type MetadataLogError } from "../metadata/MetadataLog.ts"
import { buildBatch } from "../protocol/records/RecordBatchBuilder.ts"
import { LogFiles, type LogFilesError } from "../seams/LogFiles.ts"
import type { Damage, Finding, RepairOption } from "./Finding.ts"
import { logStartFile, recoveryPointFile } from "./verifyDirectory.ts"

/** What `repair` may do. */
export interface RepairOptions {
  readonly allowed: ReadonlySet<RepairOption>
  /** Partitions of topics whose number the logs do not show, for `adopt`. */
  readonly partitionCounts: ReadonlyMap<string, number>
}

type Files = LogFiles["Service"]

/** Where the repaired keep what was cut. */
const lostAndFound = "lost+found"

const segmentSuffixes = [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]

/** A name in `lost+found` that nothing has yet. */
const keptPath = Effect.fnUntraced(function*(files: Files, directory: string, name: string) {
  const parent = directory === "" ? lostAndFound : `${directory}/${lostAndFound}`
  yield* files.makeDirectory(parent)
  const taken = new Set((yield* files.list(parent)).map((entry) => entry.name))
  let free = name
  for (let n = 1; taken.has(free); n++) free = `${name}.${n}`
  return `${parent}/${free}`
})

/** Files directly in the log directory are kept beside themselves: Apache Kafka refuses directories that are no partition's. */
const putAside = Effect.fnUntraced(function*(files: Files, directory: string, name: string) {
  const path = directory === "" ? name : `${directory}/${name}`
  const kept = directory === "" ? `${name}.damaged` : yield* keptPath(files, directory, name)
  const moved = yield* Effect.result(files.rename(path, kept))
  return moved._tag === "Success" ? [`${path} was put aside as ${kept}`] : []
})

/** Copies a range of a file to the end of another. */
const copyRange = Effect.fnUntraced(
  function*(files: Files, from: string, range: readonly [number, number], to: string) {
    const source = yield* files.open(from, { create: false })
    const target = yield* files.open(to, { create: true })
    const copy = Effect.gen(function*() {
      for (let at = range[0]; at < range[1]; at += LogLimits.scanChunkBytes) {
        yield* target.append([yield* source.readAt(at, Math.min(LogLimits.scanChunkBytes, range[1] - at))])
      }
      yield* target.sync
    })
    yield* Effect.ensuring(copy, Effect.andThen(source.close, target.close))
  }
)

const appendBatch = Effect.fnUntraced(function*(files: Files, path: string, batch: Uint8Array) {
  const file = yield* files.open(path, { create: false })
  yield* Effect.ensuring(Effect.andThen(file.append([batch]), file.sync), file.close)
})

/** A batch without records that takes up offsets, as compaction leaves them. */
const fillerBatch = (from: number, to: number): Uint8Array =>
  buildBatch([], { baseOffset: from, lastOffset: to - 1, partitionLeaderEpoch: -1 })

/** Indexes of the segments from `baseOffset` on and producer snapshots above `offset` no longer fit. */
const dropDerived = Effect.fnUntraced(function*(files: Files, directory: string, baseOffset: number, offset: number) {
  for (const { name } of yield* files.list(directory)) {
    const base = segmentSuffixes.slice(1).map((suffix) => offsetOf(name, suffix)).find((each) => each !== undefined)
    const snapshot = offsetOf(name, SNAPSHOT_SUFFIX)
    if ((base ?? -1) >= baseOffset || (snapshot ?? -1) > offset) yield* files.remove(`${directory}/${name}`)
  }
})

/** Puts every file of the segments above `baseOffset` aside. */
const dropLater = Effect.fnUntraced(function*(files: Files, directory: string, baseOffset: number) {
  const lines: Array<string> = []
  for (const { name } of yield* files.list(directory)) {
    if (segmentSuffixes.some((suffix) => (offsetOf(name, suffix) ?? -1) > baseOffset)) {
      lines.push(...(yield* putAside(files, directory, name)))
    }
  }
  return lines
})

type BadBytes = Extract<Damage, { _tag: "BadBytes" }>

const mendBadBytes = Effect.fnUntraced(
  function*(files: Files, directory: string, damage: BadBytes, option: RepairOption) {
    const { baseOffset, endOffset, position, resumeOffset, resumePosition } = damage
    const name = offsetName(baseOffset) + LOG_SUFFIX
    const path = `${directory}/${name}`
    const size = yield* files.sizeOf(path)
    const isSkip = option === "skip"
    const cutTo = isSkip && resumePosition >= 0 ? resumePosition : size
    const kept = yield* keptPath(files, directory, `${name}.${position}`)
    yield* copyRange(files, path, [position, cutTo], kept)
    const lines = [`${cutTo - position} bytes of ${path} from byte ${position} on were kept as ${kept}`]
    const repaired = `${path}.repaired`
    yield* files.remove(repaired)
    yield* copyRange(files, path, [0, position], repaired)
    if (isSkip && resumeOffset > endOffset) yield* appendBatch(files, repaired, fillerBatch(endOffset, resumeOffset))
    if (cutTo < size) yield* copyRange(files, path, [cutTo, size], repaired)
    yield* files.rename(repaired, path)
    yield* dropDerived(files, directory, baseOffset, endOffset)
    if (!isSkip) lines.push(...(yield* dropLater(files, directory, baseOffset)))
    yield* files.syncDirectory(directory)
    return lines
  }
)

/** The next start checks the log from its beginning; what the checkpoints said of its end holds no more. */
const forgetCheckpoints = Effect.fnUntraced(function*(files: Files, directory: string, paths: ReadonlyArray<string>) {
  for (const path of paths) {
    const bytes = yield* readFile(files, path)
    const offsets = bytes && parseOffsetCheckpoint(decodeAscii(bytes))
    if (offsets?.delete(directory) === true) yield* writeOffsetCheckpoint(files, path, offsets)
  }
})

const mendPartition = Effect.fnUntraced(function*(
  files: Files,
  { damage, directory }: Finding,
  option: RepairOption
): Effect.fn.Return<ReadonlyArray<string>, LogFilesError> {
  switch (damage._tag) {
    case "BadBytes":
      return yield* mendBadBytes(files, directory, damage, option)
    case "Gap": {
      if (option === "truncate") return yield* dropLater(files, directory, damage.baseOffset)
      const path = `${directory}/${offsetName(damage.baseOffset)}${LOG_SUFFIX}`
      yield* appendBatch(files, path, fillerBatch(damage.endOffset, damage.resumeOffset))
      yield* dropDerived(files, directory, damage.baseOffset, damage.endOffset)
      return [`${path} says that offsets ${damage.endOffset} to ${damage.resumeOffset - 1} are empty`]
    }
    case "Epochs":
      return yield* putAside(files, directory, LEADER_EPOCH_FILE)
    case "Derived":
      return (yield* Effect.forEach(damage.names, (name) => putAside(files, directory, name))).flat()
    case "Checkpoints":
      return [`the checkpoints forget ${directory}`]
    default:
      return []
  }
})

/** Writes a metadata log of the topics whose logs are there. */
const adopt = Effect.fnUntraced(function*(
  files: Files,
  partitionCounts: ReadonlyMap<string, number>
): Effect.fn.Return<ReadonlyArray<string>, LogFilesError | MetadataLogConflict | MetadataLogError> {
  const properties = yield* readFile(files, "meta.properties")
  const parsed = properties === undefined ? "missing" : parseMetaProperties(decodeAscii(properties))
  if (typeof parsed === "string") return [`nothing was adopted: meta.properties: ${parsed}`]
  const { lines, refusal, topics } = findAdoptions(yield* describeLogs(files, new Map()), partitionCounts)
  if (refusal !== undefined) return [...lines, `nothing was adopted: ${refusal}: give it with --partitions`]
  yield* writeAdopted(parsed.nodeId, parsed.clusterId, topics).pipe(
    Effect.scoped,
    Effect.provideService(LogFiles, files)
  )
  return lines
})

const writeAdopted = Effect.fnUntraced(
  function*(nodeId: number, clusterId: string, topics: ReadonlyArray<AdoptedTopic>) {
    const bootstrap = yield* readBootstrapRecords
    const { records } = decideAdoptTopics(emptyImage({ clusterId, controllerId: nodeId }), nodeId, topics)
    yield* Effect.gen(function*() {
      const log = yield* MetadataLog
      yield* log.append(0, [...bootstrap, ...records])
    }).pipe(Effect.provide(layerFileMetadataLog({ nodeId, wasStoppedCleanly: false })))
  }
)

/** The first of a finding's choices that is allowed. */
export const allowedOption = (finding: Finding, allowed: ReadonlySet<RepairOption>): RepairOption | undefined =>
  finding.choices.find(({ option }) => allowed.has(option))?.option

/**
 * Does to each finding what is allowed; gives one line for each thing done. What lies behind a mended spot is found by
 * another `verify`.
 */
export const repairDirectory = Effect.fnUntraced(function*(
  files: Files,
  findings: ReadonlyArray<Finding>,
  { allowed, partitionCounts }: RepairOptions
): Effect.fn.Return<ReadonlyArray<string>> {
  const lines: Array<string> = []
  for (const finding of findings) {
    const option = allowedOption(finding, allowed)
    if (option === undefined) continue
    const { damage, directory } = finding
    const work = damage._tag === "NoMetadata"
      ? adopt(files, partitionCounts)
      : Effect.tap(mendPartition(files, finding, option), () =>
        forgetCheckpoints(
          files,
          directory,
          damage._tag === "Checkpoints" ? [recoveryPointFile, logStartFile] : [recoveryPointFile]
        ))
    const done = yield* Effect.result(work)
    if (done._tag === "Success") lines.push(...done.success)
    else {lines.push(
        `${directory} was not mended: ${
          done.failure._tag === "LogFilesError" ? fileTrouble(done.failure) : done.failure.message
        }`
      )}
  }
  return lines
})
