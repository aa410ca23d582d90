import {
  type apis,
  buildBatch,
  decodeRecords,
  RecordBatch,
  type RequestInputOf,
  type ResponseOf,
  Uuid
} from "@kafka-broker/core/protocol"
import type { ReadRecord } from "../History.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text as bytes. */
const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Who wrote a batch; left out by plain producers. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** One batch with a record for each value. */
export const batchOf = (values: ReadonlyArray<string>, timestamp: number, identity?: ProducerIdentity): Uint8Array =>
  buildBatch(
    values.map((value) => ({ timestamp, key: utf8(value.slice(0, value.indexOf("-"))), value: utf8(value) })),
    identity
  )

/** A Produce request of one batch, by topic name. */
export const produceRequest = (
  topic: string,
  partition: number,
  acks: -1 | 0 | 1,
  records: Uint8Array
): RequestInputOf<typeof apis.Produce> => ({
  acks,
  timeoutMs: 3_000,
  topicData: [{ name: topic, topicId: Uuid.zero, partitionData: [{ index: partition, records }] }]
})

/** The answer to a Produce of one partition. */
export const onlyPartition = (
  { responses }: ResponseOf<typeof apis.Produce>
): { readonly baseOffset: number; readonly errorCode: number } => responses[0]!.partitionResponses[0]!

/**
 * The records of a fetched partition, whole batches only; those before the offset that was asked for are left out.
 * Undefined when the CRC of a batch does not match.
 */
export const readRecords = (bytes: Uint8Array | null, fetchOffset: number): Array<ReadRecord> | undefined => {
  const records: Array<ReadRecord> = []
  if (bytes === null) return records
  const end = RecordBatch.completeBatchesEnd(bytes, 0, bytes.length)
  for (let at = 0; at < end; at += RecordBatch.batchSizeBytes(bytes, at)) {
    if (!RecordBatch.isCrcValid(bytes, at)) return undefined
    for (const { key, offset, timestamp, value } of decodeRecords(bytes, at)) {
      if (offset < fetchOffset) continue
      const text = value === null ? "" : decoder.decode(value)
      records.push({
        offset,
        leaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at),
        value: text,
        content: `${key === null ? "" : decoder.decode(key)} ${timestamp} ${text}`
      })
    }
  }
  return records
}
