import { Effect } from "effect"
import type { Scope, Stream } from "effect"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"
import { type ClientConnection, type ClientEndpoint, makeClientConnection } from "./ClientConnection.ts"
import { consume, type ConsumeOptions, readAll } from "./consume.ts"
import { consumeAs, type ConsumeAsOptions, type GroupRecord } from "./consumeAs.ts"
import type { ConsumedRecord } from "./ConsumedRecord.ts"
import * as GroupOffsets from "./groupOffsets.ts"
import type { GroupOffset, OffsetReset, PartitionLag } from "./groupOffsets.ts"
import * as Groups from "./groups.ts"
import type { GroupDescription, GroupListing } from "./groups.ts"
import { failingAt, type KafkaError } from "./KafkaError.ts"
import { type PartitionOffsets, partitionOffsets } from "./partitionOffsets.ts"
import { makeProduce, type ProducedRecord, type ProducerRecord } from "./produce.ts"
import { type Format, type TopicFormats, type TypedTopic, typedTopic, type TypeOfFormat } from "./TypedTopic.ts"
import * as Topics from "./topics.ts"
import type { NewTopic, TopicDescription } from "./topics.ts"

/** A small typed client; every call goes through the same handlers, checks and authorisation as a socket client's. */
export interface BrokerClient extends ClientConnection {
  /** Completes when every partition can be produced to. Fails with the first topic's error. */
  readonly createTopics: (topics: ReadonlyArray<NewTopic>) => Effect.Effect<void, KafkaError>
  readonly deleteTopics: (names: ReadonlyArray<string>) => Effect.Effect<void, KafkaError>
  readonly listTopics: Effect.Effect<ReadonlyArray<string>, KafkaError>
  readonly describeTopic: (name: string) => Effect.Effect<TopicDescription, KafkaError>
  /** Earliest and latest offset of every partition of a topic. */
  readonly offsets: (topic: string) => Effect.Effect<ReadonlyArray<PartitionOffsets>, KafkaError>
  /**
   * Appends with acks=all, in batches that the broker takes; the results are in the order of the records. A record larger
   * than `max.message.bytes` is refused with `MESSAGE_TOO_LARGE`, and what is neither text nor bytes with
   * `INVALID_RECORD` before anything is sent. When a partition fails, `produced` of the error tells what was appended.
   */
  readonly produce: (
    topic: string,
    records: ReadonlyArray<ProducerRecord>
  ) => Effect.Effect<ReadonlyArray<ProducedRecord>, KafkaError>
  /** All records that a topic holds now, by partition and offset. */
  readonly records: (topic: string) => Effect.Effect<ReadonlyArray<ConsumedRecord>, KafkaError>
  /** Endless stream of a topic's records, without a group; in offset order within a partition. */
  readonly consume: (topic: string, options?: ConsumeOptions) => Stream.Stream<ConsumedRecord, KafkaError>
  /**
   * Endless stream of the records that a group gives to one new member of it, under the new consumer protocol (KIP-848).
   * The end of the stream leaves the group. Every record is delivered at least once: again when the stream failed or was
   * interrupted before it was committed, or when the member was taken for dead. Records of one partition come in order.
   */
  readonly consumeAs: (
    group: string,
    topics: ReadonlyArray<string>,
    options?: ConsumeAsOptions
  ) => Stream.Stream<GroupRecord, KafkaError>
  /**
   * A topic with formats: keys and values as text, JSON (values, when left out), or by a schema that is stored as JSON.
   */
  readonly topic: <Key extends Format = "text", Value extends Format = "json">(
    name: string,
    formats?: TopicFormats<Key, Value>
  ) => TypedTopic<TypeOfFormat<Key>, TypeOfFormat<Value>>
  /** All groups of both protocols, by id. */
  readonly groups: Effect.Effect<ReadonlyArray<GroupListing>, KafkaError>
  /** Fails with `GROUP_ID_NOT_FOUND`. */
  readonly describeGroup: (group: string) => Effect.Effect<GroupDescription, KafkaError>
  /** Deletes a group without members, with its offsets; fails with `NON_EMPTY_GROUP` otherwise. */
  readonly deleteGroup: (group: string) => Effect.Effect<void, KafkaError>
  /** Committed offsets of a group, by topic and partition. */
  readonly committed: (group: string) => Effect.Effect<ReadonlyArray<GroupOffset>, KafkaError>
  /** How far a group is behind, by topic and partition, where it committed or a member owns; see {@link PartitionLag}. */
  readonly lag: (group: string) => Effect.Effect<ReadonlyArray<PartitionLag>, KafkaError>
  /** Commits for a group from outside it; fails with `UNKNOWN_MEMBER_ID` while it has members. */
  readonly commitOffsets: (group: string, offsets: ReadonlyArray<GroupOffset>) => Effect.Effect<void, KafkaError>
  /** Sets a group without members in all partitions of a topic; returns the new offsets. */
  readonly resetOffsets: (
    group: string,
    topic: string,
    to: OffsetReset
  ) => Effect.Effect<ReadonlyArray<GroupOffset>, KafkaError>
}

/**
 * Speaks to the broker over connections of its own: one shared, one more for every `consume`, two for `consumeAs`. They
 * end with the scope, and nothing waits for a broker that is gone.
 */
export const makeBrokerClient = Effect.fnUntraced(function*(
  endpoint: ClientEndpoint,
  codecs: CompressionCodecs
): Effect.fn.Return<BrokerClient, never, Scope.Scope> {
  let isOpen = true
  yield* Effect.addFinalizer(() => Effect.sync(() => isOpen = false))
  const whileOpen: ClientEndpoint = { ...endpoint, connect: () => isOpen ? endpoint.connect() : undefined }
  const connection = yield* makeClientConnection(whileOpen, "kafka-broker-in-process")
  const connectConsumer = makeClientConnection(whileOpen, "kafka-broker-in-process-consumer")
  const produce = makeProduce(connection, endpoint.maxRequestBytes)
  const untyped = {
    produce: (topic: string, records: ReadonlyArray<ProducerRecord>) => failingAt({ topic })(produce(topic, records)),
    records: (topic: string) => failingAt({ topic })(readAll(connection, codecs, topic)),
    consume: (topic: string, options?: ConsumeOptions) => consume(connectConsumer, codecs, topic, options ?? {}),
    consumeAs: (group: string, topics: ReadonlyArray<string>, options?: ConsumeAsOptions) =>
      consumeAs(connectConsumer, codecs, group, topics, options ?? {})
  }
  return {
    ...untyped,
    topic: (name, formats) => typedTopic(untyped, name, formats ?? {}),
    request: connection.request,
    createTopics: (topics) => Topics.createTopics(connection, topics),
    deleteTopics: (names) => Topics.deleteTopics(connection, names),
    listTopics: Topics.listTopics(connection),
    describeTopic: (name) => Topics.describeTopic(connection, name),
    offsets: (topic) => failingAt({ topic })(partitionOffsets(connection, topic)),
    groups: Groups.listGroups(connection),
    describeGroup: (group) => Groups.describeGroup(connection, group),
    deleteGroup: (group) => Groups.deleteGroup(connection, group),
    committed: (group) => GroupOffsets.committedOffsets(connection, group),
    lag: (group) => GroupOffsets.lag(connection, group),
    commitOffsets: (group, offsets) => GroupOffsets.commitOffsets(connection, group, offsets),
    resetOffsets: (group, topic, to) => GroupOffsets.resetOffsets(connection, group, topic, to)
  }
})
