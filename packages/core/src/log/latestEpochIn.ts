import { Effect } from "effect"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import type { LogFiles, LogFilesError } from "../seams/LogFiles.ts"
import { scanBatches } from "./BatchScan.ts"
import { LEADER_EPOCH_FILE } from "./LeaderEpochFile.ts"
import { LeaderEpochs } from "./LeaderEpochs.ts"
import { LOG_SUFFIX, offsetOf } from "./LogFileNames.ts"
import { decodeAscii, readFile } from "./StateFile.ts"

/**
 * The largest leader epoch in a partition directory that is not open, -1 when there is none: from its checkpoint or,
 * where that is missing, from the batch headers of its last segment.
 */
export const latestEpochIn = Effect.fnUntraced(function*(
  files: LogFiles["Service"],
  directory: string
): Effect.fn.Return<number, LogFilesError> {
  const text = yield* readFile(files, `${directory}/${LEADER_EPOCH_FILE}`)
  const known = text === undefined ? undefined : LeaderEpochs.parse(decodeAscii(text))
  if (known !== undefined) return known.latestEpoch
  const segments = (yield* files.list(directory)).map(({ name }) => name)
    .filter((name) => offsetOf(name, LOG_SUFFIX) !== undefined)
  const last = segments.sort().at(-1)
  if (last === undefined) return -1
  let latest = -1
  const file = yield* files.open(`${directory}/${last}`, { create: false })
  const scan = scanBatches(file, { from: 0, to: file.sizeBytes, content: "Headers" }, (bytes, at) => {
    if (RecordBatch.magic(bytes, at) === RecordBatch.CURRENT_MAGIC) {
      latest = Math.max(latest, RecordBatch.partitionLeaderEpoch(bytes, at))
    }
    return true
  })
  yield* Effect.ensuring(scan, file.close)
  return latest
})
