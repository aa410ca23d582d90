import type { Client } from "@kafka-broker/core"
import type { ApiName } from "@kafka-broker/core/protocol"
import { makeMemoryVolume } from "@kafka-broker/core/seams"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import type { Control, ControlAction, ControlMatch } from "./Control.ts"
import type { ObservedRequest } from "./RequestLog.ts"
import { TestBroker, type TestBrokerOptions, type TestBrokerShape } from "./TestBroker.ts"

/** What the broker holds from the start. */
export interface StartTestBrokerOptions extends Pick<TestBrokerOptions, "properties"> {
  /** Topics with their partition counts, or in full. */
  readonly topics?: Readonly<Record<string, number | Omit<Client.NewTopic, "name">>>
  /** Records by topic. */
  readonly records?: Readonly<Record<string, ReadonlyArray<Client.ProducerRecord>>>
}

/** A broker for tests without Effect; its methods are those of `TestBroker`. Rejections are `KafkaError`s. */
export interface StartedTestBroker extends AsyncDisposable {
  /** `host:port`, for the `brokers` or `bootstrap.servers` of any client; the same after a restart. */
  readonly bootstrap: string
  readonly port: number
  readonly createTopics: (topics: ReadonlyArray<Client.NewTopic>) => Promise<void>
  readonly deleteTopics: (names: ReadonlyArray<string>) => Promise<void>
  readonly produce: (
    topic: string,
    records: ReadonlyArray<Client.ProducerRecord>
  ) => Promise<ReadonlyArray<Client.ProducedRecord>>
  readonly records: (topic: string) => Promise<ReadonlyArray<Client.ConsumedRecord>>
  readonly values: (topic: string) => Promise<ReadonlyArray<string | null>>
  readonly lag: (group: string) => Promise<ReadonlyArray<Client.PartitionLag>>
  readonly describeGroup: (group: string) => Promise<Client.GroupDescription>
  readonly awaitRecords: (topic: string, count: number) => Promise<ReadonlyArray<Client.ConsumedRecord>>
  readonly awaitLag: (group: string, lag: number) => Promise<void>
  readonly awaitAssignment: (group: string, members: number) => Promise<void>
  /** The requests seen since the start, the last restart, or {@link StartedTestBroker.clearRequests}. */
  readonly requests: () => ReadonlyArray<ObservedRequest>
  readonly clearRequests: () => void
  readonly control: <Name extends ApiName>(match: ControlMatch<Name>, action: ControlAction<Name>) => Control
  readonly clearControls: () => void
  /** Stops the broker and starts it again with the same data, on the same port. Controls are lifted. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Running {
  readonly broker: TestBrokerShape
  readonly scope: Scope.Closeable
}

const start = (options: TestBrokerOptions): Effect.Effect<Running, unknown> =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(TestBroker.layer(options), scope)
    return { broker: Context.get(context, TestBroker), scope }
  })

const newTopics = (topics: NonNullable<StartTestBrokerOptions["topics"]>): ReadonlyArray<Client.NewTopic> =>
  Object.entries(topics).map(([name, topic]) =>
    typeof topic === "number" ? { name, partitions: topic } : { ...topic, name }
  )

/**
 * A broker for any test runner: `await using broker = await startTestBroker({ topics: { orders: 3 } })`. In memory, on a loopback
 * port of its own, so that tests run beside each other.
 */
export const startTestBroker = async (options: StartTestBrokerOptions = {}): Promise<StartedTestBroker> => {
  const volume = makeMemoryVolume()
  const optionsAt = (properties: NonNullable<TestBrokerOptions["properties"]> = {}) => ({
    volume,
    properties: { ...properties, ...options.properties } as NonNullable<TestBrokerOptions["properties"]>
  })
  let running = await Effect.runPromise(start(optionsAt()))
  const ask = <A>(use: (broker: TestBrokerShape) => Effect.Effect<A, unknown>): Promise<A> =>
    Effect.runPromise(use(running.broker))
  const { bootstrap, port } = running.broker
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    await Effect.runPromise(Scope.close(running.scope, Exit.void))
  }
  try {
    await ask((broker) => broker.createTopics(newTopics(options.topics ?? {})))
    for (const [topic, records] of Object.entries(options.records ?? {})) {
      await ask((broker) => broker.produce(topic, records))
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    bootstrap,
    port,
    createTopics: (topics) => ask((broker) => broker.createTopics(topics)),
    deleteTopics: (names) => ask((broker) => broker.deleteTopics(names)),
    produce: (topic, records) => ask((broker) => broker.produce(topic, records)),
    records: (topic) => ask((broker) => broker.records(topic)),
    values: (topic) => ask((broker) => broker.values(topic)),
    lag: (group) => ask((broker) => broker.lag(group)),
    describeGroup: (group) => ask((broker) => broker.describeGroup(group)),
    awaitRecords: (topic, count) => ask((broker) => broker.awaitRecords(topic, count)),
    awaitLag: (group, lag) => ask((broker) => broker.awaitLag(group, lag)),
    awaitAssignment: (group, members) => ask((broker) => broker.awaitAssignment(group, members)),
    requests: () => Effect.runSync(running.broker.requests),
    clearRequests: () => Effect.runSync(running.broker.clearRequests),
    control: (match, action) => running.broker.control(match, action),
    clearControls: () => running.broker.clearControls(),
    restart: async () => {
      await Effect.runPromise(Scope.close(running.scope, Exit.void))
      running = await Effect.runPromise(start(optionsAt({ listeners: `PLAINTEXT://127.0.0.1:${port}` })))
    },
    stop,
    [Symbol.asyncDispose]: stop
  }
}
