import { Effect } from "effect"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import type { FilePartitionLog } from "./FilePartitionLog.ts"
import { latestEpochIn } from "./latestEpochIn.ts"
import { LOG_SUFFIX, parseDirectoryName } from "./LogFileNames.ts"
import type { LogDescription } from "./LogStore.ts"
import { parsePartitionMetadata, PARTITION_METADATA_FILE } from "./PartitionMetadata.ts"
import { decodeAscii, readFile } from "./StateFile.ts"
import { fileTrouble } from "./storeError.ts"

const METADATA_TOPIC = "__cluster_metadata"

/** The topic id that a partition directory tells of; undefined when it tells of none. */
export const topicIdIn = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string
): Effect.fn.Return<string | undefined, LogFilesError> {
  const bytes = yield* readFile(files, `${directory}/${PARTITION_METADATA_FILE}`)
  return bytes === undefined ? undefined : parsePartitionMetadata(decodeAscii(bytes))
})

const sizeBytesIn = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string
): Effect.fn.Return<number, LogFilesError> {
  let sizeBytes = 0
  for (const { name } of yield* files.list(directory)) {
    if (name.endsWith(LOG_SUFFIX)) sizeBytes += yield* files.sizeOf(`${directory}/${name}`)
  }
  return sizeBytes
})

/** One partition directory; what cannot be read of it is said, and the others are described all the same. */
const describeLog = (
  files: LogFiles["Service"],
  directory: string,
  open: FilePartitionLog | undefined
): Effect.Effect<Omit<LogDescription, "topicPartition">> =>
  Effect.gen(function*() {
    const topicId = yield* topicIdIn(files, directory)
    return {
      topicId,
      sizeBytes: open?.sizeBytes ?? (yield* sizeBytesIn(files, directory)),
      latestEpoch: open?.latestEpoch ?? (yield* latestEpochIn(files, directory))
    }
  }).pipe(
    Effect.catch((error) => Effect.succeed({ topicId: undefined, sizeBytes: 0, failure: fileTrouble(error) }))
  )

/** What a log directory holds, without the metadata log; `open` has the open logs by directory. */
export const describeLogs = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  open: ReadonlyMap<string, FilePartitionLog>
): Effect.fn.Return<ReadonlyArray<LogDescription>, LogFilesError> {
  const descriptions: Array<LogDescription> = []
  for (const { name } of yield* files.list("")) {
    const parsed = parseDirectoryName(name)
    if (parsed === undefined || parsed.kind !== "Live" || parsed.topic === METADATA_TOPIC) continue
    const { partition, topic } = parsed
    descriptions.push({ topicPartition: { topic, partition }, ...(yield* describeLog(files, name, open.get(name))) })
  }
  return descriptions
})
