import { failDecode } from "../protocol/wire/DecodeError.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { buildBatch } from "../protocol/records/RecordBatchBuilder.ts"
import { encodeRaftControlRecord } from "../protocol/state-records/RaftControlRecord.ts"
import { LeaderChangeMessage } from "../protocol/state-records/RaftControlRecords.ts"
import type { MetadataBatch } from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { decodeRecord, encodeRecord } from "./MetadataRecordCodec.ts"

/** Where a batch goes; the time is in milliseconds and the same for all its records, as Kafka demands. */
export interface BatchPlace {
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly timestamp: number
}

/** A batch of metadata records. Source: RecordsBatchWriter. */
export const encodeBatch = (
  records: ReadonlyArray<MetadataRecord>,
  metadataVersion: number,
  { baseOffset, leaderEpoch, timestamp }: BatchPlace
): Uint8Array =>
  buildBatch(
    records.map((record) => ({ value: encodeRecord(record, metadataVersion), timestamp })),
    { baseOffset, partitionLeaderEpoch: leaderEpoch }
  )

/** The control batch that begins an epoch: this node elected itself. Source: LeaderState.appendLeaderChangeMessage. */
export const encodeLeaderChange = (nodeId: number, { baseOffset, leaderEpoch, timestamp }: BatchPlace): Uint8Array => {
  const voters = [{ voterId: nodeId }]
  const { key, value } = encodeRaftControlRecord(LeaderChangeMessage, {
    version: 0,
    leaderId: nodeId,
    voters: voters as never,
    grantingVoters: voters as never
  })
  return buildBatch([{ key, value, timestamp }], {
    baseOffset,
    partitionLeaderEpoch: leaderEpoch,
    isControl: true
  })
}

/**
 * The records of one batch; a control batch has none. Throws `DecodeError`, `InvalidRecordError` or
 * `CompressionError` when it is damaged, `UnknownMetadataRecordError` when it is newer than this broker.
 */
export const decodeBatch = (bytes: Uint8Array, at: number): MetadataBatch => {
  const records = RecordBatch.isControl(bytes, at)
    ? []
    : decodeRecords(bytes, at).map(({ offset, value }) =>
      value === null || value.length === 0
        ? failDecode(`metadata record at offset ${offset} is empty`)
        : decodeRecord(value)
    )
  return {
    records,
    endOffset: RecordBatch.lastOffset(bytes, at) + 1,
    leaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at)
  }
}
