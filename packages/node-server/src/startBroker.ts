import { type BrokerClient, type Client, KafkaBroker, type Principal } from "@kafka-broker/core"
import type { AnyApi, RequestInputOf, ResponseOf } from "@kafka-broker/core/protocol"
import { Context, Effect, Exit, Layer, Logger, References, Scope, Stream } from "effect"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { brokerLogger, loggersAt } from "./cli/brokerLogger.ts"
import { NodeKafkaBroker, type NodeKafkaBrokerOptions } from "./NodeKafkaBroker.ts"
import { SocketDuplex } from "./SocketDuplex.ts"

/** Ends a call: it rejects with the signal's reason, and what it waits for is given up. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A record that a member of a group got, without Effect. */
export interface MemberRecord extends Client.ConsumedRecord {
  /** Commits this record and all before it in its partition. */
  readonly commit: () => Promise<void>
}

/** A topic with formats, without Effect; see `Client.TypedTopic`. */
export interface PromiseTopic<Key, Value> {
  readonly produce: (
    records: ReadonlyArray<Client.TypedProducerRecord<Key, Value>>,
    options?: CallOptions
  ) => Promise<ReadonlyArray<Client.ProducedRecord>>
  readonly records: (options?: CallOptions) => Promise<ReadonlyArray<Client.TypedRecord<Key, Value>>>
  readonly consume: (options?: Client.ConsumeOptions & CallOptions) => AsyncIterable<Client.TypedRecord<Key, Value>>
  readonly consumeAs: (
    group: string,
    options?: Client.ConsumeAsOptions & CallOptions
  ) => AsyncIterable<Client.TypedRecord<Key, Value, MemberRecord>>
}

/** The broker's client without Effect: every call gives a promise or an async iterable; see `BrokerClient`. */
export interface PromiseClient {
  readonly createTopics: (topics: ReadonlyArray<Client.NewTopic>, options?: CallOptions) => Promise<void>
  readonly deleteTopics: (names: ReadonlyArray<string>, options?: CallOptions) => Promise<void>
  readonly listTopics: (options?: CallOptions) => Promise<ReadonlyArray<string>>
  readonly describeTopic: (name: string, options?: CallOptions) => Promise<Client.TopicDescription>
  readonly offsets: (topic: string, options?: CallOptions) => Promise<ReadonlyArray<Client.PartitionOffsets>>
  readonly produce: (
    topic: string,
    records: ReadonlyArray<Client.ProducerRecord>,
    options?: CallOptions
  ) => Promise<ReadonlyArray<Client.ProducedRecord>>
  readonly records: (topic: string, options?: CallOptions) => Promise<ReadonlyArray<Client.ConsumedRecord>>
  readonly consume: (
    topic: string,
    options?: Client.ConsumeOptions & CallOptions
  ) => AsyncIterable<Client.ConsumedRecord>
  readonly consumeAs: (
    group: string,
    topics: ReadonlyArray<string>,
    options?: Client.ConsumeAsOptions & CallOptions
  ) => AsyncIterable<MemberRecord>
  readonly topic: <Key extends Client.Format = "text", Value extends Client.Format = "json">(
    name: string,
    formats?: Client.TopicFormats<Key, Value>
  ) => PromiseTopic<Client.TypeOfFormat<Key>, Client.TypeOfFormat<Value>>
  readonly groups: (options?: CallOptions) => Promise<ReadonlyArray<Client.GroupListing>>
  readonly describeGroup: (group: string, options?: CallOptions) => Promise<Client.GroupDescription>
  readonly deleteGroup: (group: string, options?: CallOptions) => Promise<void>
  readonly committed: (group: string, options?: CallOptions) => Promise<ReadonlyArray<Client.GroupOffset>>
  readonly lag: (group: string, options?: CallOptions) => Promise<ReadonlyArray<Client.PartitionLag>>
  readonly commitOffsets: (
    group: string,
    offsets: ReadonlyArray<Client.GroupOffset>,
    options?: CallOptions
  ) => Promise<void>
  readonly resetOffsets: (
    group: string,
    topic: string,
    to: Client.OffsetReset,
    options?: CallOptions
  ) => Promise<ReadonlyArray<Client.GroupOffset>>
  /** Any request of the protocol; see `@kafka-broker/core/protocol`. */
  readonly request: <A extends AnyApi>(
    api: A,
    body: RequestInputOf<A>,
    version?: number,
    options?: CallOptions
  ) => Promise<ResponseOf<A>>
}

/** A broker that runs in this process, without Effect. */
export interface StartedBroker extends PromiseClient, AsyncDisposable {
  readonly nodeId: number
  readonly clusterId: string
  /** Address of the first listener; the real port, also when 0 was asked for. */
  readonly host: string
  readonly port: number
  /** `host:port`, for the `brokers` or `bootstrap.servers` of any client. */
  readonly bootstrap: string
  /** Calls as another principal; they end with the broker. */
  readonly clientAs: (principal: Principal) => Promise<PromiseClient>
  /** A connection inside this process as a Node stream, for any client that takes a socket of its own. */
  readonly duplex: () => SocketDuplex
  /** Gives kafkajs connections inside this process: `new Kafka({ brokers, socketFactory: broker.socketFactory })`. */
  readonly socketFactory: (options: { readonly onConnect: () => void }) => Socket
  /** Answers what was accepted, closes the logs and leaves the directory as a clean shutdown does; `await using` calls it. */
  readonly stop: () => Promise<void>
}

/** How a broker is started without Effect. */
export interface StartBrokerOptions<E = never> extends NodeKafkaBrokerOptions<E> {
  /** Ends the start: it rejects with the signal's reason, and what was begun is undone. A started broker is not stopped. */
  readonly signal?: AbortSignal
  /** Takes a line for each message of the broker at WARN and above; stderr when left out. */
  readonly log?: (line: string) => void
}

const run = <A, E>(effect: Effect.Effect<A, E>, options: CallOptions | undefined): Promise<A> => {
  const signal = options?.signal
  if (signal === undefined) return Effect.runPromise(effect)
  if (signal.aborted) return Promise.reject(signal.reason)
  return Effect.runPromise(effect, { signal }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
}

/** The stream as an iterable that ends with the signal; leaving the loop ends the stream. */
const iterate = async function*<A, E>(
  stream: Stream.Stream<A, E>,
  options: CallOptions | undefined
): AsyncGenerator<A, void, void> {
  const signal = options?.signal
  signal?.throwIfAborted()
  const iterator = Stream.toAsyncIterableWith(stream, Context.empty())[Symbol.asyncIterator]()
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal!.reason)
    signal?.addEventListener("abort", abort, { once: true })
  })
  // Nobody may be waiting when it comes.
  aborted.catch(() => {})
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    if (abort !== undefined) signal?.removeEventListener("abort", abort)
    await iterator.return?.()
  }
}

const withCommit = <A extends { readonly commit: Effect.Effect<void, unknown> }>(
  record: A
): Omit<A, "commit"> & { readonly commit: () => Promise<void> } => ({
  ...record,
  commit: () => Effect.runPromise(record.commit)
})

const promiseTopic = <Key, Value>(topic: Client.TypedTopic<Key, Value>): PromiseTopic<Key, Value> => ({
  produce: (records, options) => run(topic.produce(records), options),
  records: (options) => run(topic.records, options),
  consume: (options) => iterate(topic.consume(options), options),
  consumeAs: (group, options) =>
    iterate(Stream.map(topic.consumeAs(group, options), withCommit), options) as AsyncIterable<
      Client.TypedRecord<Key, Value, MemberRecord>
    >
})

/** Gives every call of a client as a promise or an async iterable. */
const promiseClient = (client: BrokerClient): PromiseClient => ({
  createTopics: (topics, options) => run(client.createTopics(topics), options),
  deleteTopics: (names, options) => run(client.deleteTopics(names), options),
  listTopics: (options) => run(client.listTopics, options),
  describeTopic: (name, options) => run(client.describeTopic(name), options),
  offsets: (topic, options) => run(client.offsets(topic), options),
  produce: (topic, records, options) => run(client.produce(topic, records), options),
  records: (topic, options) => run(client.records(topic), options),
  consume: (topic, options) => iterate(client.consume(topic, options), options),
  consumeAs: (group, topics, options) =>
    iterate(Stream.map(client.consumeAs(group, topics, options), withCommit), options),
  topic: (name, formats) => promiseTopic(client.topic(name, formats)),
  groups: (options) => run(client.groups, options),
  describeGroup: (group, options) => run(client.describeGroup(group), options),
  deleteGroup: (group, options) => run(client.deleteGroup(group), options),
  committed: (group, options) => run(client.committed(group), options),
  lag: (group, options) => run(client.lag(group), options),
  commitOffsets: (group, offsets, options) => run(client.commitOffsets(group, offsets), options),
  resetOffsets: (group, topic, to, options) => run(client.resetOffsets(group, topic, to), options),
  request: (api, body, version, options) => run(client.request(api, body, version), options)
})

/**
 * Starts a broker in this process; resolves when it accepts connections. Rejects with an error whose message is one line
 * for the user (`NodeKafkaBrokerError`).
 */
export const startBroker = async <E = never>(options: StartBrokerOptions<E> = {}): Promise<StartedBroker> => {
  const { log, signal, ...brokerOptions } = options
  const logger = brokerLogger(
    loggersAt("Warn"),
    log === undefined ? (line) => process.stderr.write(line) : (line) => log(line.trimEnd())
  )
  const scope = Scope.makeUnsafe()
  const stop = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const layer = NodeKafkaBroker.layer<E>(brokerOptions as NodeKafkaBrokerOptions<E>).pipe(
    Layer.provideMerge(Layer.mergeAll(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Trace")))
  )
  const start = Layer.buildWithScope(layer, scope).pipe(
    Effect.onExit((exit) => Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))
  )
  const broker = Context.get(await run(start, signal === undefined ? undefined : { signal }), KafkaBroker)
  const duplex = () => new SocketDuplex(broker.connect())
  return {
    ...promiseClient(broker.client),
    nodeId: broker.nodeId,
    clusterId: broker.clusterId,
    host: broker.host,
    port: broker.port,
    bootstrap: `${broker.host.includes(":") ? `[${broker.host}]` : broker.host}:${broker.port}`,
    clientAs: (principal) =>
      Effect.runPromise(Effect.map(Scope.provide(broker.clientAs(principal), scope), promiseClient)),
    duplex,
    socketFactory: ({ onConnect }) => duplex().once("connect", onConnect) as Duplex as Socket,
    stop,
    [Symbol.asyncDispose]: stop
  }
}
