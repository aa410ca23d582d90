import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import {
  type BatchOptions,
  buildBatch,
  type CodecName,
  type CompressionCodecs,
  type NewRecord,
  RecordBatch
} from "@kafka-broker/core/protocol"
import { ownCodecs, wholeCodec } from "@kafka-broker/core/seams"

/** A fixed time long past, so that it never looks like the time of the run. */
export const aTime = 1_700_000_000_000

const codecs: CompressionCodecs = {
  ...ownCodecs,
  gzip: wholeCodec({ compress: gzipSync, decompress: (bytes) => gunzipSync(bytes) }, Infinity),
  zstd: wholeCodec({ compress: zstdCompressSync, decompress: (bytes) => zstdDecompressSync(bytes) }, Infinity)
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A record with a text key and value. */
export const rec = (value: string, options: Partial<NewRecord> & { readonly k?: string | null } = {}): NewRecord => {
  const { k = "key", ...rest } = options
  return { timestamp: aTime, key: k === null ? null : bytesOf(k), value: bytesOf(value), ...rest }
}

/** One batch of records with these values. */
export const batch = (
  values: ReadonlyArray<string | NewRecord> = ["value"],
  options: Omit<BatchOptions, "compression"> & { readonly codec?: CodecName } = {}
): Uint8Array => {
  const { codec, ...rest } = options
  return buildBatch(
    values.map((value) => typeof value === "string" ? rec(value) : value),
    codec === undefined || codec === "none" ? rest : { ...rest, compression: { codec, codecs } }
  )
}

/** A copy with bytes changed and, unless asked otherwise, a checksum that fits again. */
export const patched = (
  bytes: Uint8Array,
  change: (view: DataView, bytes: Uint8Array) => void,
  options: { readonly keepCrc?: boolean } = {}
): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  change(new DataView(copy.buffer), copy)
  if (options.keepCrc !== true) RecordBatch.updateCrc(copy, 0)
  return copy
}

/** A batch whose header says `attributes` and whose records are these bytes, with a checksum that fits. */
export const batchOfPayload = (payload: Uint8Array, header: {
  readonly attributes?: number
  readonly recordCount?: number
}): Uint8Array => {
  const bytes = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD + payload.length)
  bytes.set(payload, RecordBatch.RECORD_BATCH_OVERHEAD)
  RecordBatch.writeHeader(bytes, 0, {
    baseOffset: 0,
    sizeBytes: bytes.length,
    partitionLeaderEpoch: -1,
    attributes: header.attributes ?? 0,
    lastOffsetDelta: (header.recordCount ?? 1) - 1,
    baseTimestamp: aTime,
    maxTimestamp: aTime,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount: header.recordCount ?? 1
  })
  return bytes
}
