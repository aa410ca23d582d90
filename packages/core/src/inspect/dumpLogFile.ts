/**
 * Text lines that show what a file of a log directory holds: batches and records of `.log` and `.checkpoint` files,
 * metadata records decoded, entries of indexes. Damage is shown where it lies and ends the listing.
 *
 * Source: kafka.tools.DumpLogSegments.
 */
import { codecNameOf, type CompressionCodecs } from "../protocol/records/Compression.ts"
import { decodeRecords } from "../protocol/records/Record.ts"
import type { Record } from "../protocol/records/Record.ts"
import * as RecordBatch from "../protocol/records/RecordBatch.ts"
import { decodeMetadataRecord } from "../protocol/state-records/MetadataRecord.ts"
import { decodeRaftControlRecord } from "../protocol/state-records/RaftControlRecord.ts"

/** How a file is shown. */
export interface DumpOptions {
  readonly codecs: CompressionCodecs
  /** Whether the file belongs to `__cluster_metadata`, so that its records are decoded. */
  readonly isMetadata: boolean
}

/** Bytes a compressed batch may grow to while it is shown. */
const decompressedBytesMax = 256 * 1024 * 1024

/** Characters of a key or value shown. */
const shownCharsMax = 200

const text = (bytes: Uint8Array | null): string => {
  if (bytes === null) return "null"
  const head = bytes.subarray(0, shownCharsMax)
  const isText = head.every((byte) => byte >= 32 && byte < 127)
  const shown = isText
    ? JSON.stringify(String.fromCharCode(...head))
    : Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return bytes.length > shownCharsMax ? `${shown}… (${bytes.length} bytes)` : shown
}

/** JSON of a decoded record; 64-bit values may be bigint. */
const json = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, field: unknown) => typeof field === "bigint" ? String(field) : field instanceof Uint8Array ? text(field) : field
  )

const decodedPayload = (record: Record, isControl: boolean): string => {
  if (isControl && record.key !== null && record.value !== null) {
    return json(decodeRaftControlRecord(record.key, record.value))
  }
  return record.value === null ? "null" : json(decodeMetadataRecord(record.value))
}

const recordLine = (record: Record, isControl: boolean, options: DumpOptions): string => {
  const payload = options.isMetadata
    ? `payload: ${decodedPayload(record, isControl)}`
    : `key: ${text(record.key)} value: ${text(record.value)}`
  const headers = record.headers.map(({ key, value }) => `${key}=${text(value)}`).join(", ")
  const line = `| offset: ${record.offset} timestamp: ${record.timestamp} ${payload}`
  return headers === "" ? line : `${line} headers: ${headers}`
}

const batchLine = (bytes: Uint8Array, at: number, size: number): string =>
  [
    `baseOffset: ${RecordBatch.baseOffset(bytes, at)}`,
    `lastOffset: ${RecordBatch.lastOffset(bytes, at)}`,
    `count: ${RecordBatch.recordCount(bytes, at)}`,
    `baseSequence: ${RecordBatch.baseSequence(bytes, at)}`,
    `producerId: ${RecordBatch.producerId(bytes, at)}`,
    `producerEpoch: ${RecordBatch.producerEpoch(bytes, at)}`,
    `partitionLeaderEpoch: ${RecordBatch.partitionLeaderEpoch(bytes, at)}`,
    `isTransactional: ${RecordBatch.isTransactional(bytes, at)}`,
    `isControl: ${RecordBatch.isControl(bytes, at)}`,
    `position: ${at}`,
    `maxTimestamp: ${RecordBatch.maxTimestamp(bytes, at)} (${RecordBatch.timestampType(bytes, at)})`,
    `size: ${size}`,
    `compression: ${codecNameOf(RecordBatch.codecId(bytes, at)) ?? "unknown"}`,
    `crc: ${RecordBatch.crc(bytes, at)}`
  ].join(" ")

const recordLines = (bytes: Uint8Array, at: number, options: DumpOptions): ReadonlyArray<string> => {
  const isControl = RecordBatch.isControl(bytes, at)
  try {
    return decodeRecords(bytes, at, { codecs: options.codecs, maxOutputBytes: decompressedBytesMax })
      .map((record) => recordLine(record, isControl, options))
  } catch (cause) {
    return [`| damaged records: ${cause instanceof Error ? cause.message : String(cause)}`]
  }
}

/** Batches and records of a `.log` or `.checkpoint` file. */
const dumpBatches = function*(bytes: Uint8Array, options: DumpOptions): Generator<string> {
  let at = 0
  while (at < bytes.length) {
    const left = bytes.length - at
    const size = left < RecordBatch.RECORD_BATCH_OVERHEAD ? 0 : RecordBatch.nextBatchSize(bytes, at, bytes.length)
    if (size <= 0) return yield `damaged: ${left} bytes at position ${at} are no complete batch`
    yield batchLine(bytes, at, size)
    if (!RecordBatch.isCrcValid(bytes, at)) return yield `damaged: the batch at position ${at} has a wrong checksum`
    yield* recordLines(bytes, at, options)
    at += size
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Entries of an offset index; offsets in the file are relative to `baseOffset`. */
const dumpOffsetIndex = function*(bytes: Uint8Array, baseOffset: number): Generator<string> {
  const view = viewOf(bytes)
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    yield `offset: ${baseOffset + view.getInt32(at)} position: ${view.getInt32(at + 4)}`
  }
}

/** Entries of a time index; offsets in the file are relative to `baseOffset`. */
const dumpTimeIndex = function*(bytes: Uint8Array, baseOffset: number): Generator<string> {
  const view = viewOf(bytes)
  for (let at = 0; at + 12 <= bytes.length; at += 12) {
    yield `timestamp: ${view.getBigInt64(at)} offset: ${baseOffset + view.getInt32(at + 8)}`
  }
}

/** Aborted transactions of a `.txnindex`. */
const dumpTransactionIndex = function*(bytes: Uint8Array): Generator<string> {
  const view = viewOf(bytes)
  for (let at = 0; at + 34 <= bytes.length; at += 34) {
    yield `version: ${view.getInt16(at)} producerId: ${view.getBigInt64(at + 2)} ` +
      `firstOffset: ${view.getBigInt64(at + 10)} lastOffset: ${view.getBigInt64(at + 18)} ` +
      `lastStableOffset: ${view.getBigInt64(at + 26)}`
  }
}

/** What the file called `name` holds; undefined when its kind is unknown. */
export const dumpLogFile = (
  name: string,
  bytes: Uint8Array,
  options: DumpOptions
): Iterable<string> | undefined => {
  const [, base, kind] = /^(\d{20})(?:-\d{10})?\.(log|index|timeindex|txnindex|checkpoint)$/.exec(name) ?? []
  switch (kind) {
    case "log":
    case "checkpoint":
      return dumpBatches(bytes, options)
    case "index":
      return dumpOffsetIndex(bytes, Number(base))
    case "timeindex":
      return dumpTimeIndex(bytes, Number(base))
    case "txnindex":
      return dumpTransactionIndex(bytes)
    default:
      return undefined
  }
}
