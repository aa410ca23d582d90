import { Effect, Schema, Stream } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { decodeUtf8 } from "../protocol/wire/Utf8.ts"
import type { ConsumeOptions } from "./consume.ts"
import type { ConsumeAsOptions, GroupRecord } from "./consumeAs.ts"
import type { ConsumedRecord } from "./ConsumedRecord.ts"
import { type KafkaError, kafkaError, type Where } from "./KafkaError.ts"
import type { ProducedRecord } from "./produce.ts"
import type { ProducerRecord, RecordBytes } from "./ProducerRecord.ts"

/** How keys or values lie in a topic: as bytes, as UTF-8, as any JSON, or as the JSON of a schema. */
export type Format = "bytes" | "text" | "json" | Schema.Codec<any, any>

/** What a program sees of a format. */
export type TypeOfFormat<F extends Format> = F extends "bytes" ? Uint8Array
  : F extends "text" ? string
  : F extends "json" ? unknown
  : F extends Schema.Codec<infer A, infer _E> ? A
  : never

/** The formats of a topic's keys and values. */
export interface TopicFormats<Key extends Format, Value extends Format> {
  /** `text` when left out. */
  readonly key?: Key
  /** `json` when left out. */
  readonly value?: Value
}

/** A record to append to a topic with formats. */
export interface TypedProducerRecord<Key, Value> extends Omit<ProducerRecord, "key" | "value"> {
  readonly key?: Key | null
  /** null deletes the key, in a compacted topic. */
  readonly value: Value | null
}

/** A record of a topic with formats. */
export type TypedRecord<Key, Value, From = ConsumedRecord> = Omit<From, "key" | "value"> & {
  readonly key: Key | null
  readonly value: Value | null
}

/**
 * A topic whose keys and values have formats. What cannot be encoded or decoded fails with `INVALID_RECORD`, which names
 * the record and what is wrong with it.
 */
export interface TypedTopic<Key, Value> {
  readonly produce: (
    records: ReadonlyArray<TypedProducerRecord<Key, Value>>
  ) => Effect.Effect<ReadonlyArray<ProducedRecord>, KafkaError>
  readonly records: Effect.Effect<ReadonlyArray<TypedRecord<Key, Value>>, KafkaError>
  readonly consume: (options?: ConsumeOptions) => Stream.Stream<TypedRecord<Key, Value>, KafkaError>
  readonly consumeAs: (
    group: string,
    options?: ConsumeAsOptions
  ) => Stream.Stream<TypedRecord<Key, Value, GroupRecord>, KafkaError>
}

/** The calls that a topic with formats is made of. */
interface Untyped {
  readonly produce: (
    topic: string,
    records: ReadonlyArray<ProducerRecord>
  ) => Effect.Effect<ReadonlyArray<ProducedRecord>, KafkaError>
  readonly records: (topic: string) => Effect.Effect<ReadonlyArray<ConsumedRecord>, KafkaError>
  readonly consume: (topic: string, options?: ConsumeOptions) => Stream.Stream<ConsumedRecord, KafkaError>
  readonly consumeAs: (
    group: string,
    topics: ReadonlyArray<string>,
    options?: ConsumeAsOptions
  ) => Stream.Stream<GroupRecord, KafkaError>
}

/** One format, put to work. */
interface Coder {
  readonly encode: (value: unknown, what: string, at: Where) => Effect.Effect<RecordBytes, KafkaError>
  readonly decode: (bytes: Uint8Array, what: string, at: Where) => Effect.Effect<unknown, KafkaError>
}

const invalid = (what: string, error: unknown, at: Where): KafkaError => {
  const message = error instanceof Error ? error.message : String(error)
  return kafkaError(ErrorCode.INVALID_RECORD, `${what}: ${message.replace(/\s*\n\s*/g, " ")}`, at)
}

const textOf = (bytes: Uint8Array): string => decodeUtf8(bytes, 0, bytes.length)

const coderOf = (format: Format): Coder => {
  if (format === "bytes" || format === "text") {
    return {
      // What is neither text nor bytes is refused by `produce`.
      encode: (value) => Effect.succeed(value as RecordBytes),
      decode: (bytes) => Effect.succeed(format === "text" ? textOf(bytes) : bytes)
    }
  }
  const schema = Schema.fromJsonString(format === "json" ? Schema.Unknown : format)
  const encode = Schema.encodeUnknownEffect(schema)
  const decode = Schema.decodeUnknownEffect(schema)
  return {
    encode: (value, what, at) => Effect.mapError(encode(value), (error) => invalid(what, error, at)),
    decode: (bytes, what, at) =>
      Effect.suspend(() => decode(textOf(bytes))).pipe(Effect.mapError((error) => invalid(what, error, at)))
  }
}

/** Gives a topic formats. */
export const typedTopic = <Key extends Format = "text", Value extends Format = "json">(
  client: Untyped,
  topic: string,
  formats: TopicFormats<Key, Value>
): TypedTopic<TypeOfFormat<Key>, TypeOfFormat<Value>> => {
  const keys = coderOf(formats.key ?? "text")
  const values = coderOf(formats.value ?? "json")

  const encode = Effect.fnUntraced(function*(record: TypedProducerRecord<unknown, unknown>, index: number) {
    const at = { api: "Produce", topic }
    const key = record.key === undefined || record.key === null
      ? null
      : yield* keys.encode(record.key, `record ${index}: its key`, at)
    const value = record.value === null ? null : yield* values.encode(record.value, `record ${index}: its value`, at)
    return { ...record, key, value } satisfies ProducerRecord
  })

  const decode = Effect.fnUntraced(function*<From extends ConsumedRecord>(record: From) {
    const { offset, partition } = record
    const at = { api: "Fetch", topic, partition, offset }
    const key = record.key === null ? null : yield* keys.decode(record.key, "its key", at)
    const value = record.value === null ? null : yield* values.decode(record.value, "its value", at)
    return { ...record, key, value }
  })

  const untyped: TypedTopic<unknown, unknown> = {
    produce: (records) => Effect.flatMap(Effect.forEach(records, encode), (encoded) => client.produce(topic, encoded)),
    records: Effect.flatMap(client.records(topic), Effect.forEach((record) => decode(record))),
    consume: (options) => Stream.mapEffect(client.consume(topic, options), (record) => decode(record)),
    consumeAs: (group, options) =>
      Stream.mapEffect(client.consumeAs(group, [topic], options), (record) => decode(record))
  }
  return untyped as TypedTopic<TypeOfFormat<Key>, TypeOfFormat<Value>>
}
