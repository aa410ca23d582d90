/**
 * Message sets of magic 0 and 1, the formats before record batches: read, checked, and converted to one magic-2 batch.
 *
 * Entry: offset i64, size i32, CRC-32 u32 (of magic to end), magic i8, attributes i8 (bits 0-2 codec, bit 3 log append
 * time), timestamp i64 (magic 1 only), key i32 + bytes (-1 null), value i32 + bytes (-1 null). A compressed message's
 * value is a message set. zstd came after these formats and is not allowed.
 * Source: KIP-31, KIP-32, `LegacyRecord`, `AbstractLegacyRecordBatch`, `LogValidator`.
 */
import { crc32 } from "./Crc32.ts"
import { type CodecName, codecNameOf, type CompressionCodecs, CompressionError } from "./Compression.ts"
import { decompressLz4 } from "./compression/Lz4.ts"
import type { Record } from "./Record.ts"
import { buildBatch } from "./RecordBatchBuilder.ts"
import { LOG_OVERHEAD, MIN_RECORD_LENGTH, NO_TIMESTAMP } from "./RecordBatch.ts"

/**
 * Why a message set was refused. `corrupt`: sizes, bounds, magic or CRC are wrong, or the compressed bytes are (Kafka:
 * CORRUPT_MESSAGE); `invalid`: well-formed, but not as Kafka allows it: nested compression, mixed magics, a compressed
 * message beside others, impossible offsets (INVALID_RECORD); `unsupportedCompression`: zstd or an unassigned codec
 * (UNSUPPORTED_COMPRESSION_TYPE); `tooLarge`: decompresses to more than the caller's cap (MESSAGE_TOO_LARGE).
 */
export type MessageSetErrorReason = "corrupt" | "invalid" | "unsupportedCompression" | "tooLarge"

/** A refused message set. Returned, not thrown. */
export class MessageSetError extends Error {
  readonly _tag = "MessageSetError"
  readonly reason: MessageSetErrorReason

  constructor(reason: MessageSetErrorReason, message: string) {
    super(message)
    this.name = "MessageSetError"
    this.reason = reason
  }
}

/** The messages of a set, with absolute offsets and the timestamps readers see. */
export interface MessageSet {
  readonly magic: 0 | 1
  readonly records: ReadonlyArray<Record>
  /** Codec of the set's one compressed message, or `none`. */
  readonly codec: CodecName
  /** The append time all records carry, if the set's compressed message was stamped with one. */
  readonly logAppendTimeMs: number | undefined
}

/** The memory reading may take: the cap on decompressed bytes, and the codecs. */
export interface MessageSetOptions {
  readonly codecs: CompressionCodecs
  readonly maxOutputBytes: number
  /** Hears what was decompressed, or that more than the cap was. */
  readonly onBytes?: (decompressedBytes: number) => void
}

interface Message {
  readonly offset: number
  readonly magic: 0 | 1
  readonly attributes: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

const TWO_POW_32 = 0x1_0000_0000
const CODEC_MASK = 0x07
const LOG_APPEND_TIME_MASK = 0x08
/** Bytes of a magic-0 message after its size field, without key and value bytes; magic 1 adds the timestamp. */
const RECORD_OVERHEAD_V1 = MIN_RECORD_LENGTH + 8

const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const int64At = (bytes: Uint8Array, at: number): number =>
  int32At(bytes, at) * TWO_POW_32 + (int32At(bytes, at + 4) >>> 0)

const refuse = (reason: MessageSetErrorReason, message: string): never => {
  throw new MessageSetError(reason, message)
}

/** Reads the message at `at`, which ends at `end`. */
const readMessage = (bytes: Uint8Array, at: number, end: number): Message => {
  const crcStart = at + LOG_OVERHEAD
  if (int32At(bytes, crcStart) >>> 0 !== crc32(bytes, crcStart + 4, end)) refuse("corrupt", "message CRC mismatch")
  const magic = bytes[crcStart + 4]!
  if (magic !== 0 && magic !== 1) return refuse("corrupt", `message of magic ${magic} in a message set`)
  if (magic === 1 && end - crcStart < RECORD_OVERHEAD_V1) refuse("corrupt", "message is too small")
  const keyLengthAt = crcStart + (magic === 0 ? 6 : 14)
  const keyLength = Math.max(-1, int32At(bytes, keyLengthAt))
  const keyStart = keyLengthAt + 4
  const valueLengthAt = keyStart + Math.max(0, keyLength)
  if (valueLengthAt + 4 > end) refuse("corrupt", "message key past the end of its message")
  const valueLength = Math.max(-1, int32At(bytes, valueLengthAt))
  const valueStart = valueLengthAt + 4
  if (valueStart + Math.max(0, valueLength) !== end) refuse("corrupt", "message value does not end with its message")
  return {
    offset: int64At(bytes, at),
    magic,
    attributes: bytes[crcStart + 5]!,
    timestamp: magic === 0 ? NO_TIMESTAMP : int64At(bytes, crcStart + 6),
    key: keyLength < 0 ? null : bytes.subarray(keyStart, valueLengthAt),
    value: valueLength < 0 ? null : bytes.subarray(valueStart, end)
  }
}

/** All complete messages of a range; a truncated last one is left out, as fetch responses may end in one. */
const readMessages = (bytes: Uint8Array, start: number, end: number): Array<Message> => {
  const messages: Array<Message> = []
  for (let at = start; end - at >= LOG_OVERHEAD;) {
    const length = int32At(bytes, at + 8)
    if (length < MIN_RECORD_LENGTH) refuse("corrupt", `message size ${length} is below the minimum`)
    const next = at + LOG_OVERHEAD + length
    if (next > end) break
    messages.push(readMessage(bytes, at, next))
    at = next
  }
  return messages
}

const recordOf = (message: Message, offset: number, timestamp: number): Record => ({
  offset,
  timestamp,
  key: message.key,
  value: message.value,
  headers: [],
  attributes: 0
})

const decompressValue = (wrapper: Message, options: MessageSetOptions): Uint8Array => {
  const codec = codecNameOf(wrapper.attributes & CODEC_MASK)
  if (codec === undefined || codec === "zstd" || codec === "none") {
    return refuse("unsupportedCompression", `codec ${wrapper.attributes & CODEC_MASK} in a message set`)
  }
  if (wrapper.value === null) return refuse("invalid", "compressed message with a null value")
  try {
    // Producers of magic 0 computed the LZ4 header checksum over the wrong bytes.
    const payload = codec === "lz4"
      ? decompressLz4(wrapper.value, options.maxOutputBytes, "own", wrapper.magic === 0)
      : options.codecs[codec].decompress(wrapper.value, options.maxOutputBytes)
    options.onBytes?.(payload.length)
    return payload
  } catch (cause) {
    if (!(cause instanceof CompressionError)) throw cause
    if (cause.reason === "tooLarge") options.onBytes?.(options.maxOutputBytes)
    return refuse(cause.reason === "tooLarge" ? "tooLarge" : "corrupt", cause.message)
  }
}

/** What to add to the inner offsets: those of magic 1 are relative, the wrapper carries the offset of the last. */
const innerOffsetBase = (wrapper: Message, last: Message): number => {
  // Some librdkafka versions leave the wrapper's offset at 0.
  if (wrapper.magic === 0 || wrapper.offset === 0) return 0
  if (wrapper.offset < last.offset) refuse("invalid", "wrapper offset is below its last inner offset")
  return wrapper.offset - last.offset
}

const unwrap = (wrapper: Message, options: MessageSetOptions): MessageSet => {
  const payload = decompressValue(wrapper, options)
  const inner = readMessages(payload, 0, payload.length)
  const last = inner.at(-1)
  if (last === undefined) return refuse("invalid", "compressed message without inner messages")
  const base = innerOffsetBase(wrapper, last)
  const logAppendTimeMs = wrapper.magic === 1 && (wrapper.attributes & LOG_APPEND_TIME_MASK) !== 0
    ? wrapper.timestamp
    : undefined
  return {
    magic: wrapper.magic,
    codec: codecNameOf(wrapper.attributes & CODEC_MASK) ?? "none",
    logAppendTimeMs,
    records: inner.map((message) => {
      if (message.magic !== wrapper.magic) refuse("invalid", "inner magic differs from its wrapper's")
      if ((message.attributes & CODEC_MASK) !== 0) refuse("invalid", "compressed message in a compressed message")
      return recordOf(message, base + message.offset, logAppendTimeMs ?? message.timestamp)
    })
  }
}

/**
 * Reads the message set in `bytes[start, end)`; keys and values are views over it, or over the decompressed messages.
 * A truncated last message is ignored, so an empty or entirely truncated set has no records.
 */
export const decodeMessageSet = (
  bytes: Uint8Array,
  start: number,
  end: number,
  options: MessageSetOptions
): MessageSet | MessageSetError => {
  try {
    const messages = readMessages(bytes, start, end)
    const first = messages[0]
    if (first === undefined) return { magic: 0, records: [], codec: "none", logAppendTimeMs: undefined }
    if (messages.some((message) => message.magic !== first.magic)) refuse("invalid", "messages of different magics")
    if (messages.every((message) => (message.attributes & CODEC_MASK) === 0)) {
      const records = messages.map((message) => recordOf(message, message.offset, message.timestamp))
      return { magic: first.magic, records, codec: "none", logAppendTimeMs: undefined }
    }
    if (messages.length > 1) refuse("invalid", "a compressed message must be alone in its message set")
    return unwrap(first, options)
  } catch (cause) {
    if (cause instanceof MessageSetError) return cause
    throw cause
  }
}

/**
 * The message set in `bytes[start, end)`, as Produce v0 to v2 carry it, as one magic-2 batch at offset 0 with the same
 * codec: without producer id, timestamps kept (-1 for magic 0), offsets counted from 0. `undefined` if the set holds
 * no complete message. Source: `LogValidator.convertAndAssignOffsetsNonCompressed`, `buildRecordsAndAssignOffsets`.
 */
export const upConvertMessageSet = (
  bytes: Uint8Array,
  start: number,
  end: number,
  options: MessageSetOptions
): Uint8Array | undefined | MessageSetError => {
  const set = decodeMessageSet(bytes, start, end, options)
  if (set instanceof MessageSetError) return set
  if (set.records.length === 0) return undefined
  return buildBatch(
    set.records.map(({ key, timestamp, value }) => ({ key, value, timestamp })),
    {
      compression: { codec: set.codec, codecs: options.codecs },
      ...(set.logAppendTimeMs === undefined ? {} : { logAppendTimeMs: set.logAppendTimeMs })
    }
  )
}
