import { ErrorCode } from "../model/ErrorCode.ts"
import type { NewRecord } from "../protocol/records/RecordBatchBuilder.ts"
import { encodeUtf8 } from "../protocol/wire/Utf8.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"

/** Bytes as they are, text as UTF-8, or nothing. */
export type RecordBytes = string | Uint8Array | null

/** A header to be sent. */
export interface ProducerHeader {
  readonly key: string
  readonly value: RecordBytes
}

/** A record to append. */
export interface ProducerRecord {
  readonly key?: RecordBytes | undefined
  readonly value?: RecordBytes | undefined
  readonly headers?: ReadonlyArray<ProducerHeader> | undefined
  /** By key, else spread in turn, when left out. */
  readonly partition?: number | undefined
  /** Whole milliseconds since the epoch; the clock's time when left out. */
  readonly timestamp?: number | undefined
}

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? "an object"
    : `a ${typeof value}`

/** What programs without types may give is refused in words; bytes of it would be stored. */
class Refused extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

const bytesOf = (what: string, value: unknown): Uint8Array | null => {
  if (value === undefined || value === null) return null
  if (typeof value === "string") return encodeUtf8(value)
  if (value instanceof Uint8Array) return value
  throw new Refused(
    ErrorCode.INVALID_RECORD,
    `${what} must be text, bytes or null, but it is ${
      kindOf(value)
    }; a codec of the topic, or JSON.stringify, makes it text`
  )
}

const headersOf = (headers: unknown): NonNullable<NewRecord["headers"]> => {
  if (headers === undefined) return []
  if (!Array.isArray(headers)) {
    throw new Refused(
      ErrorCode.INVALID_RECORD,
      `its headers must be an array of key and value, but they are ${kindOf(headers)}`
    )
  }
  return headers.map((header: unknown) => {
    const { key, value } = (header ?? {}) as { readonly key?: unknown; readonly value?: unknown }
    if (typeof key !== "string") {
      throw new Refused(ErrorCode.INVALID_RECORD, `the key of a header must be text, but it is ${kindOf(key)}`)
    }
    return { key, value: bytesOf(`its header ${key}`, value) }
  })
}

const timestampOf = (timestamp: unknown, now: number): number => {
  if (timestamp === undefined) return now
  if (typeof timestamp === "number" && Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp
  throw new Refused(
    ErrorCode.INVALID_TIMESTAMP,
    `its timestamp must be whole milliseconds since the epoch, but it is ${
      typeof timestamp === "number" ? timestamp : kindOf(timestamp)
    }`
  )
}

const partitionOf = (partition: unknown): void => {
  if (partition === undefined || (typeof partition === "number" && Number.isInteger(partition) && partition >= 0)) {
    return
  }
  throw new Refused(
    ErrorCode.INVALID_RECORD,
    `its partition must be a whole number from 0, but it is ${
      typeof partition === "number" ? partition : kindOf(partition)
    }`
  )
}

/** A record as a batch takes it, or why it cannot be one; `index` is its place among those that were given. */
export const encodeProducerRecord = (
  record: ProducerRecord,
  index: number,
  options: { readonly topic: string; readonly now: number }
): NewRecord | KafkaError => {
  try {
    if (typeof record !== "object" || record === null) {
      throw new Refused(ErrorCode.INVALID_RECORD, `it must be an object, but it is ${kindOf(record)}`)
    }
    partitionOf(record.partition)
    return {
      key: bytesOf("its key", record.key),
      value: bytesOf("its value", record.value),
      headers: headersOf(record.headers),
      timestamp: timestampOf(record.timestamp, options.now)
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return kafkaError(error.code, `record ${index}: ${error.message}`, { api: "Produce", topic: options.topic })
  }
}
