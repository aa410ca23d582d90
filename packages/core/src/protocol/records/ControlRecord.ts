/**
 * Control records: the markers that end a transaction, and the control types of KRaft logs (whose values are messages
 * of their own). Key: version i16, type i16. Marker value: version i16, coordinator epoch i32.
 * Source: KIP-98, KIP-595, KIP-630, KIP-853, `ControlRecordType`, `EndTransactionMarker`.
 */
import type { RecordCursor } from "./RecordCursor.ts"
import { RecordBatchBuilder } from "./RecordBatchBuilder.ts"

/** Control types by name, with their number in the record key. */
export const controlTypes = {
  Abort: 0,
  Commit: 1,
  LeaderChange: 2,
  SnapshotHeader: 3,
  SnapshotFooter: 4,
  KRaftVersion: 5,
  KRaftVoters: 6
} as const

/** A control type this broker knows. */
export type ControlType = keyof typeof controlTypes

const typeNames = Object.keys(controlTypes) as ReadonlyArray<ControlType>

const KEY_SIZE_BYTES = 4
const END_MARKER_SIZE_BYTES = 6

const int16At = (bytes: Uint8Array, at: number): number => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!

const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/** The key of a control record. */
export const controlRecordKey = (type: ControlType): Uint8Array => Uint8Array.of(0, 0, 0, controlTypes[type])

/**
 * The control type of a record key: `Unknown` for a type number of a later version, to be skipped; `undefined` if the
 * key is null, shorter than 4 bytes or of a negative version, which means damage. Later key versions only add fields.
 */
export const controlTypeOf = (key: Uint8Array | null): ControlType | "Unknown" | undefined => {
  if (key === null || key.length < KEY_SIZE_BYTES || int16At(key, 0) < 0) return undefined
  return typeNames[int16At(key, 2)] ?? "Unknown"
}

/** What a transaction's end marker says. */
export interface EndTransactionMarker {
  readonly type: "Commit" | "Abort"
  readonly coordinatorEpoch: number
}

/** The value of an end marker. */
const endTransactionMarkerValue = (coordinatorEpoch: number): Uint8Array =>
  Uint8Array.of(
    0,
    0,
    coordinatorEpoch >>> 24,
    coordinatorEpoch >>> 16,
    coordinatorEpoch >>> 8,
    coordinatorEpoch
  )

/** Reads an end marker; `undefined` if key or value are not of one. Later value versions only add fields. */
export const parseEndTransactionMarker = (
  record: Pick<RecordCursor, "key" | "value">
): EndTransactionMarker | undefined => {
  const type = controlTypeOf(record.key)
  if (type !== "Commit" && type !== "Abort") return undefined
  const value = record.value
  if (value === null || value.length < END_MARKER_SIZE_BYTES || int16At(value, 0) < 0) return undefined
  return { type, coordinatorEpoch: int32At(value, 2) }
}

/** What an end marker's batch is made of; times in milliseconds. */
export interface EndTransactionMarkerBatch extends EndTransactionMarker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly timestamp: number
  /** 0 if left out: assigned at the append. */
  readonly baseOffset?: number
  /** -1 if left out: assigned at the append. */
  readonly partitionLeaderEpoch?: number
}

/** A batch that ends a producer's transaction on a partition. Source: `MemoryRecords.withEndTransactionMarker`. */
export const buildEndTransactionMarker = (marker: EndTransactionMarkerBatch): Uint8Array =>
  new RecordBatchBuilder({
    baseOffset: marker.baseOffset ?? 0,
    partitionLeaderEpoch: marker.partitionLeaderEpoch ?? -1,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true
  }).append({
    key: controlRecordKey(marker.type),
    value: endTransactionMarkerValue(marker.coordinatorEpoch),
    timestamp: marker.timestamp
  }).build()
