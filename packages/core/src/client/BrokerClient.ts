import { Effect } from "effect"
import type { Scope, Stream } from "effect"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import type { Record as KafkaRecord, RecordHeader } from "../protocol/records/Record.ts"
import type { ByteConnection } from "../seams/Listener.ts"
import * as Admin from "./admin.ts"
import { type ClientConnection, makeClientConnection } from "./ClientConnection.ts"
import { consume, readAll } from "./consume.ts"
import type { KafkaError } from "./KafkaError.ts"
import { makeProduce } from "./produce.ts"

export interface NewTopic {
  readonly name: string
  /** The broker's `num.partitions` when left out. */
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface ProducerRecord {
  /** Text is UTF-8. */
  readonly key?: string | Uint8Array | null
  readonly value?: string | Uint8Array | null
  readonly headers?: ReadonlyArray<RecordHeader>
  /** By key, else spread in turn, when left out. */
  readonly partition?: number
  /** Milliseconds since the epoch; the clock's time when left out. */
  readonly timestamp?: number
}

export interface ProducedRecord {
  readonly partition: number
  readonly offset: number
}

export interface ConsumedRecord extends KafkaRecord {
  readonly topic: string
  readonly partition: number
}

export interface ConsumeOptions {
  /** `earliest` when left out. */
  readonly from?: "earliest" | "latest"
  /** All partitions when left out. */
  readonly partitions?: ReadonlyArray<number>
  /** Longest wait of one poll for new records; 500 ms when left out. */
  readonly maxWaitMs?: number
}

export interface TopicDescription {
  readonly name: string
  readonly id: string
  readonly partitions: ReadonlyArray<{ readonly partition: number; readonly leader: number }>
}

export interface PartitionOffsets {
  readonly partition: number
  readonly earliest: number
  readonly latest: number
}

/** A small typed client; every call goes through the same handlers, checks and authorisation as a socket client's. */
export interface BrokerClient extends ClientConnection {
  /** Completes when every partition can be produced to. Fails with the first topic's error. */
  readonly createTopics: (topics: ReadonlyArray<NewTopic>) => Effect.Effect<void, KafkaError>
  readonly deleteTopics: (names: ReadonlyArray<string>) => Effect.Effect<void, KafkaError>
  readonly listTopics: Effect.Effect<ReadonlyArray<string>, KafkaError>
  readonly describeTopic: (name: string) => Effect.Effect<TopicDescription, KafkaError>
  /** Earliest and latest offset of every partition of a topic. */
  readonly offsets: (topic: string) => Effect.Effect<ReadonlyArray<PartitionOffsets>, KafkaError>
  /** Appends with acks=all; the results are in the order of the records. */
  readonly produce: (
    topic: string,
    records: ReadonlyArray<ProducerRecord>
  ) => Effect.Effect<ReadonlyArray<ProducedRecord>, KafkaError>
  /** All records that a topic holds now, by partition and offset. */
  readonly records: (topic: string) => Effect.Effect<ReadonlyArray<ConsumedRecord>, KafkaError>
  /** Endless stream of a topic's records, without a group; in offset order within a partition. */
  readonly consume: (topic: string, options?: ConsumeOptions) => Stream.Stream<ConsumedRecord, KafkaError>
}

/** Speaks to the broker over connections made by `connect`: one shared, one more for every running `consume`. */
export const makeBrokerClient = Effect.fnUntraced(function*(
  connect: () => ByteConnection,
  codecs: CompressionCodecs
): Effect.fn.Return<BrokerClient, never, Scope.Scope> {
  const connection = yield* makeClientConnection(connect, "kafka-broker-in-process")
  return {
    request: connection.request,
    createTopics: (topics) => Admin.createTopics(connection, topics),
    deleteTopics: (names) => Admin.deleteTopics(connection, names),
    listTopics: Admin.listTopics(connection),
    describeTopic: (name) => Admin.describeTopic(connection, name),
    offsets: (topic) => Admin.offsets(connection, topic),
    produce: makeProduce(connection),
    records: (topic) => readAll(connection, codecs, topic),
    consume: (topic, options) =>
      consume(makeClientConnection(connect, "kafka-broker-in-process-consumer"), codecs, topic, options ?? {})
  }
})
