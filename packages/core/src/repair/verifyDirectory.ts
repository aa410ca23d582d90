/**
 * `verify`: every byte that a broker would believe, checked against everything else that tells of it. Reads only; the
 * directory must not be in use.
 */
import { Effect } from "effect"
import { parseDirectoryName } from "../log/LogFileNames.ts"
import { parseMetaProperties } from "../log/MetaProperties.ts"
import { parseOffsetCheckpoint } from "../log/OffsetCheckpoint.ts"
import { parsePartitionMetadata, PARTITION_METADATA_FILE } from "../log/PartitionMetadata.ts"
import { decodeAscii, readFile } from "../log/StateFile.ts"
import { fileTrouble } from "../log/storeError.ts"
import { readCheckpoint, snapshotFiles } from "../metadata/MetadataSnapshot.ts"
import { TopicName } from "../metadata/TopicName.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import type { Damage, Finding, RepairChoice } from "./Finding.ts"
import { verifyPartition } from "./verifyPartition.ts"

/** Directory of the metadata log. */
const metadataDirectory = `${TopicName.clusterMetadata}-0`
/** The checkpoints that a repair changes, with the offset of each partition. */
export const recoveryPointFile = "recovery-point-offset-checkpoint"
export const logStartFile = "log-start-offset-checkpoint"

/** How `verify` goes about it. */
export interface VerifyOptions {
  /** Told of bytes that were read: to show progress, or to wait. */
  readonly onBytes: (count: number) => Effect.Effect<void>
}

/** What `verify` found. */
export interface Verified {
  readonly findings: ReadonlyArray<Finding>
  readonly partitions: number
  readonly sizeBytes: number
}

const finding = (
  directory: string,
  message: string,
  damage: Damage = { _tag: "Other" },
  choices: ReadonlyArray<RepairChoice> = []
): Finding => ({ directory, message, isDamage: true, damage, choices })

/** A failed look at a partition is a finding of its own; the others are looked at all the same. */
const unlessUnreadable = <A>(
  directory: string,
  work: Effect.Effect<A, LogFilesError>,
  otherwise: (each: Finding) => A
) => Effect.catch(work, (error) => Effect.succeed(otherwise(finding(directory, `${directory}: ${fileTrouble(error)}`))))

const checkpointIn = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  path: string,
  findings: Array<Finding>
): Effect.fn.Return<ReadonlyMap<string, number>, LogFilesError> {
  const bytes = yield* readFile(files, path)
  const offsets = bytes && parseOffsetCheckpoint(decodeAscii(bytes))
  if (bytes !== undefined && offsets === undefined) {
    const effect = "it is put aside: logs are checked from their beginning"
    findings.push(
      finding("", `${path} cannot be read`, { _tag: "Derived", names: [path] }, [{ option: "rebuildIndexes", effect }])
    )
  }
  return offsets ?? new Map<string, number>()
})

const metadataSnapshots = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  names: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyArray<Finding>> {
  const findings: Array<Finding> = []
  for (const { name } of snapshotFiles(names)) {
    const read = yield* Effect.result(readCheckpoint(files, `${metadataDirectory}/${name}`))
    if (read._tag === "Failure") findings.push(finding(metadataDirectory, read.failure.message))
  }
  return findings
})

const verifyTopicId = Effect.fnUntraced(function*(files: LogFiles["Service"], directory: string) {
  const bytes = yield* readFile(files, `${directory}/${PARTITION_METADATA_FILE}`)
  return bytes !== undefined && parsePartitionMetadata(decodeAscii(bytes)) === undefined
    ? [finding(directory, `${directory}/${PARTITION_METADATA_FILE} has no topic id`)]
    : []
})

/** Checks a log directory; changes nothing. */
export const verifyDirectory = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  options: VerifyOptions
): Effect.fn.Return<Verified, LogFilesError> {
  const findings: Array<Finding> = []
  const properties = yield* readFile(files, "meta.properties")
  const parsed = properties === undefined ? "it is missing" : parseMetaProperties(decodeAscii(properties))
  if (typeof parsed === "string") findings.push(finding("", `meta.properties: ${parsed}`))
  const recoveryPoints = yield* checkpointIn(files, recoveryPointFile, findings)
  const logStarts = yield* checkpointIn(files, logStartFile, findings)
  const wasStoppedCleanly = (yield* readFile(files, ".kafka_cleanshutdown")) !== undefined
  const names = (yield* files.list("")).map(({ name }) => name)
  const live = names.filter((name) => name !== metadataDirectory && parseDirectoryName(name)?.kind === "Live").sort()
  let sizeBytes = 0
  const verify = (directory: string) =>
    Effect.gen(function*() {
      const isMetadata = directory === metadataDirectory
      const recoveryPoint = recoveryPoints.get(directory) ?? 0
      const verified = yield* verifyPartition(files, {
        directory,
        recoveryPoint,
        logStartOffset: logStarts.get(directory) ?? 0,
        wasClosedCleanly: wasStoppedCleanly && (isMetadata || recoveryPoints.has(directory)),
        isMetadata,
        onBytes: options.onBytes
      })
      sizeBytes += verified.sizeBytes
      return verified.findings
    })
  const hasMetadata = names.includes(metadataDirectory)
  for (const directory of hasMetadata ? [metadataDirectory, ...live] : live) {
    findings.push(...(yield* unlessUnreadable(directory, verify(directory), (each): ReadonlyArray<Finding> => [each])))
    if (directory === metadataDirectory) {
      const inside = (yield* files.list(directory)).map(({ name }) => name)
      findings.push(...(yield* metadataSnapshots(files, inside)))
    } else {
      findings.push(...(yield* unlessUnreadable(directory, verifyTopicId(files, directory), (each) => [each])))
    }
  }
  for (const [offsets, file] of [[recoveryPoints, recoveryPointFile], [logStarts, logStartFile]] as const) {
    for (const [directory, offset] of offsets) {
      if (offset === 0 || live.includes(directory)) continue
      const effect = `${directory} begins anew and empty; its records are given up`
      const message = `${directory} is gone: ${file} knows it up to offset ${offset}`
      findings.push(finding(directory, message, { _tag: "Checkpoints" }, [{ option: "truncate", effect }]))
    }
  }
  if (!hasMetadata && live.length > 0) {
    const effect = "topics are made from the logs that are there; their configs are lost"
    const message = `there is no metadata log, and ${live.length} partitions`
    findings.push(finding("", message, { _tag: "NoMetadata" }, [{ option: "adopt", effect }]))
  }
  return { findings, partitions: live.length, sizeBytes }
})
