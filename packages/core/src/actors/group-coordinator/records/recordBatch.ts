import { RecordBatchBuilder } from "../../../protocol/records/RecordBatchBuilder.ts"
import type { CoordinatorRecord } from "./CoordinatorRecord.ts"
import { encodeRecord } from "./encodeRecord.ts"

/** The transaction that commits offsets. */
export interface OffsetTransaction {
  readonly producerId: number
  readonly producerEpoch: number
}

/** One atomic batch of the records, transactional when a transaction is given. */
export const recordBatch = (
  records: ReadonlyArray<CoordinatorRecord>,
  timestampMs: number,
  transaction?: OffsetTransaction
): Uint8Array => {
  const builder = new RecordBatchBuilder(transaction === undefined ? {} : { ...transaction, isTransactional: true })
  for (const record of records) {
    const { key, value } = encodeRecord(record)
    builder.append({ key, value, timestamp: timestampMs })
  }
  return builder.build()
}
