import { codecNameOf } from "../../protocol/records/Compression.ts"
import { forEachRecord, recordOf } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordBatchBuilder } from "../../protocol/records/RecordBatchBuilder.ts"
import type { BatchCheck } from "./BatchCheck.ts"

/**
 * The batch written anew: in the codec of the topic, with gapless offsets. Its records were validated before.
 * Source: LogValidator.buildRecordsAndAssignOffsets.
 */
export const rebuildBatch = (
  batch: Uint8Array,
  payload: Uint8Array,
  targetCodecId: number,
  check: BatchCheck
): Uint8Array => {
  const codec = codecNameOf(targetCodecId) ?? "none"
  const builder = new RecordBatchBuilder({
    ...(codec === "none" ? {} : { compression: { codec, codecs: check.codecs } }),
    ...(check.settings.timestampType === "LogAppendTime" ? { logAppendTimeMs: check.nowMs } : {}),
    producerId: RecordBatch.producerId(batch, 0),
    producerEpoch: RecordBatch.producerEpoch(batch, 0),
    baseSequence: RecordBatch.baseSequence(batch, 0),
    isTransactional: RecordBatch.isTransactional(batch, 0)
  })
  forEachRecord(batch, 0, payload, (cursor) => {
    const { key, value, headers, timestamp } = recordOf(cursor)
    builder.append({ key, value, headers, timestamp })
  })
  return builder.build()
}
