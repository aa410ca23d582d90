import {
  Authorizer,
  type BrokerClient,
  BrokerConfig,
  type BrokerConfigError,
  type BrokerStartError,
  type Client,
  KafkaBroker,
  type KafkaError,
  RequestObserver,
  type SettingsInput
} from "@kafka-broker/core"
import type { ApiName } from "@kafka-broker/core/protocol"
import { makeMemoryVolume, MemoryLogFiles, type MemoryVolume, RequestInterceptor } from "@kafka-broker/core/seams"
import { NodeCompression, NodeListener, NodeTick } from "@kafka-broker/node-server"
import { Context, Effect, Layer } from "effect"
import { type Control, type ControlAction, type ControlMatch, Controls } from "./Control.ts"
import { type ObservedRequest, RequestLog } from "./RequestLog.ts"

/** How a test's broker differs from one with defaults. */
export interface TestBrokerOptions {
  /** Broker settings by Kafka's names, for example `{ "num.partitions": "3" }`. */
  readonly properties?: SettingsInput
  /** Who may do what; everybody everything when left out. */
  readonly authorizer?: Layer.Layer<Authorizer>
  /** Where the data is: brokers that are given the same volume, one after the other, have the same data. Default: a new one. */
  readonly volume?: MemoryVolume
}

/** What a test can ask a broker beside what any host can; the methods of the broker's client are its own. */
export interface TestBrokerShape extends BrokerClient, Context.Service.Shape<typeof KafkaBroker> {
  /** `host:port`, for the `brokers` or `bootstrap.servers` of any client. */
  readonly bootstrap: string
  /** The last 10,000 requests in arrival order, without those of this service itself. */
  readonly requests: Effect.Effect<ReadonlyArray<ObservedRequest>>
  /** Forgets the requests seen so far. */
  readonly clearRequests: Effect.Effect<void>
  /** Values of a topic's records as text, by partition and offset; null for tombstones. */
  readonly values: (topic: string) => Effect.Effect<ReadonlyArray<string | null>, KafkaError>
  /** Completes when a topic holds so many records, and gives them by partition and offset. */
  readonly awaitRecords: (
    topic: string,
    count: number
  ) => Effect.Effect<ReadonlyArray<Client.ConsumedRecord>, KafkaError>
  /** Completes when a group, which has committed, is behind by no more records than that. */
  readonly awaitLag: (group: string, lag: number) => Effect.Effect<void, KafkaError>
  /** Completes when a group is stable, has so many members, and each partition it consumes has one of them. */
  readonly awaitAssignment: (group: string, members: number) => Effect.Effect<void, KafkaError>
  /** Lets something happen to the requests that match, from now on; see {@link ControlAction}. */
  readonly control: <Name extends ApiName>(match: ControlMatch<Name>, action: ControlAction<Name>) => Control
  /** Lifts all controls. */
  readonly clearControls: () => void
}

/**
 * Waits and delays that only slow a test down are off; what a test sets itself wins. Timestamps may lie in the future: clients with
 * a clock of their own are far ahead of a test's clock, which begins in 1970.
 */
const testProperties = {
  listeners: "PLAINTEXT://127.0.0.1:0",
  "group.initial.rebalance.delay.ms": "0",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.num.partitions": "1",
  "log.message.timestamp.after.max.ms": "9223372036854775807"
}

const text = (record: Client.ConsumedRecord): string | null =>
  record.value === null ? null : new TextDecoder().decode(record.value)

/** What a group is said to be while it does not exist. */
const noGroup = { state: "Dead", members: [] }

const makeTestBroker = (
  running: Context.Service.Shape<typeof KafkaBroker>,
  log: RequestLog,
  controls: Controls
): TestBrokerShape => ({
  ...running,
  ...running.client,
  bootstrap: `${running.host}:${running.port}`,
  requests: Effect.sync(() => log.requests),
  clearRequests: Effect.sync(() => log.clear()),
  values: (topic) => Effect.map(running.client.records(topic), (records) => records.map(text)),
  awaitRecords: (topic, count) => log.until(running.client.records(topic), (records) => records.length >= count),
  awaitLag: (group, lag) =>
    Effect.asVoid(log.until(
      running.client.lag(group),
      // Where a member has not committed yet, nothing is known.
      (partitions) => partitions.length > 0 && partitions.reduce((sum, one) => sum + (one.lag ?? Infinity), 0) <= lag
    )),
  awaitAssignment: (group, members) =>
    Effect.asVoid(log.until(
      Effect.catch(running.client.describeGroup(group), (error) =>
        error.name === "GROUP_ID_NOT_FOUND" ? Effect.succeed(noGroup) : Effect.fail(error)),
      (found) =>
        found.state === "Stable" && found.members.length === members &&
        (members === 0 || found.members.some(({ assignment }) =>
          assignment.length > 0
        ))
    )),
  control: (match, action) => controls.add(match, action),
  clearControls: () => controls.clear()
})

/**
 * A real broker for tests: in memory, ready in milliseconds, on the clock of the test. Under `TestClock` its time moves
 * only when the test moves it. Reachable in process through its own methods and through a loopback port.
 */
export class TestBroker extends Context.Service<TestBroker, TestBrokerShape>()("@kafka-broker/testkit/TestBroker") {
  /** A new broker; provides `KafkaBroker` too, for code under test that takes one. */
  static layer(
    options: TestBrokerOptions = {}
  ): Layer.Layer<TestBroker | KafkaBroker, BrokerConfigError | BrokerStartError> {
    return Layer.unwrap(Effect.sync(() => {
      const log = new RequestLog()
      const controls = new Controls((api) => log.carriedOut(api))
      const broker = KafkaBroker.layer.pipe(Layer.provide([
        BrokerConfig.layer({ ...testProperties, ...options.properties } as SettingsInput),
        options.authorizer ?? Authorizer.allowAll,
        MemoryLogFiles.layer(options.volume ?? makeMemoryVolume()),
        NodeListener.layer,
        NodeTick.layer,
        NodeCompression.layer,
        Layer.succeed(RequestObserver, (seen) => log.observe(seen)),
        Layer.succeed(RequestInterceptor, controls.intercept)
      ]))
      const testBroker = Layer.effect(
        TestBroker,
        Effect.map(KafkaBroker, (running) => makeTestBroker(running, log, controls))
      )
      return Layer.provideMerge(testBroker, broker)
    }))
  }
}
