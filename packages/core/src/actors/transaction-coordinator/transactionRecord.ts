import { TransactionLog } from "../../protocol/state-records/TransactionRecords.ts"
import { ByteReader } from "../../protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../protocol/wire/ByteWriter.ts"
import { DecodeError } from "../../protocol/wire/DecodeError.ts"
import { type LoggedTransaction, type TransactionRecord, transactionStates } from "./Transaction.ts"

/** Version of the values written: flexible, with the tags of KIP-890. */
const valueVersion = 1

const withState = (state: LoggedTransaction["state"]): boolean => state !== "Empty"

/** The bytes of a record. Source: TransactionLog.keyToBytes, valueToBytes. */
export const encodeTransactionRecord = (
  { transactionalId, value }: TransactionRecord
): { readonly key: Uint8Array; readonly value: Uint8Array | null } => {
  const key = new ByteWriter()
  key.int16(TransactionLog.type)
  TransactionLog.key.encode(key, 0, { transactionalId })
  if (value === null) return { key: key.finishBytes(), value: null }
  const out = new ByteWriter()
  out.int16(valueVersion)
  TransactionLog.value.encode(out, valueVersion, {
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    transactionTimeoutMs: value.timeoutMs,
    transactionStatus: transactionStates.indexOf(value.state),
    transactionPartitions: withState(value.state)
      ? value.topics.map(({ partitions, topic }) => ({ topic, partitionIds: partitions }))
      : null,
    transactionLastUpdateTimestampMs: value.lastUpdateMs,
    transactionStartTimestampMs: value.startMs,
    clientTransactionVersion: value.clientTransactionVersion
  })
  return { key: key.finishBytes(), value: out.finishBytes() }
}

/** Reads a record; undefined for a kind of a later version. Throws `DecodeError` when malformed. */
export const decodeTransactionRecord = (key: Uint8Array, value: Uint8Array | null): TransactionRecord | undefined => {
  const reader = new ByteReader(key)
  if (reader.int16() !== TransactionLog.type) return undefined
  const { transactionalId } = TransactionLog.key.decode(reader, 0)
  if (value === null) return { transactionalId, value: null }
  const valueReader = new ByteReader(value)
  const read = TransactionLog.value.decode(valueReader, valueReader.int16())
  const state = transactionStates[read.transactionStatus]
  if (state === undefined) throw new DecodeError(`Unknown transaction status ${read.transactionStatus}`)
  return {
    transactionalId,
    value: {
      producerId: read.producerId,
      previousProducerId: read.previousProducerId,
      nextProducerId: read.nextProducerId,
      producerEpoch: read.producerEpoch,
      timeoutMs: read.transactionTimeoutMs,
      state,
      topics: (read.transactionPartitions ?? []).map(({ partitionIds, topic }) => ({
        topic,
        partitions: partitionIds
      })),
      lastUpdateMs: read.transactionLastUpdateTimestampMs,
      startMs: read.transactionStartTimestampMs,
      clientTransactionVersion: read.clientTransactionVersion
    }
  }
}
