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
import { MemoryLogFiles } from "@kafka-broker/core/seams"
import { NodeCompression, NodeListener, NodeTick } from "@kafka-broker/node-server"
import { Context, Effect, Layer } from "effect"

/** How a test's broker differs from one with defaults. */
export interface TestBrokerOptions {
  /** Broker settings by Kafka's names, for example `{ "num.partitions": "3" }`. */
  readonly properties?: SettingsInput
  /** Who may do what; everybody everything when left out. */
  readonly authorizer?: Layer.Layer<Authorizer>
}

type SeenRequest = Parameters<RequestObserver>[0]

/** A request that reached the broker, without its bytes. */
export type ObservedRequest = Omit<SeenRequest, "body">

/** What a test can ask a broker beside what any host can; the methods of the broker's client are its own. */
export interface TestBrokerShape extends BrokerClient, Context.Service.Shape<typeof KafkaBroker> {
  /** `host:port`, for the `brokers` or `bootstrap.servers` of any client. */
  readonly bootstrap: string
  /** Requests seen so far in arrival order, without those of this service itself. */
  readonly requests: Effect.Effect<ReadonlyArray<ObservedRequest>>
  /** Values of a topic's records as text, by partition and offset; null for tombstones. */
  readonly values: (topic: string) => Effect.Effect<ReadonlyArray<string | null>, KafkaError>
}

/** Client ids of the service's own connections, which tests do not want to see. */
const isOwn = (clientId: string): boolean => clientId.startsWith("kafka-broker-in-process")

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

/**
 * A real broker for tests: in memory, ready in milliseconds, on the clock of the test. Under `TestClock` its time moves
 * only when the test moves it. Reachable in process through its own methods and through a loopback port.
 */
export class TestBroker extends Context.Service<TestBroker, TestBrokerShape>()("@kafka-broker/testkit/TestBroker") {
  /** A new, empty broker; provides `KafkaBroker` too, for code under test that takes one. */
  static layer(
    options: TestBrokerOptions = {}
  ): Layer.Layer<TestBroker | KafkaBroker, BrokerConfigError | BrokerStartError> {
    return Layer.unwrap(Effect.sync(() => {
      const requests: Array<ObservedRequest> = []
      const observe = ({ api, apiVersion, clientId, correlationId }: SeenRequest) => {
        if (!isOwn(clientId)) requests.push({ api, apiVersion, clientId, correlationId })
      }
      const broker = KafkaBroker.layer.pipe(Layer.provide([
        BrokerConfig.layer({ ...testProperties, ...options.properties } as SettingsInput),
        options.authorizer ?? Authorizer.allowAll,
        MemoryLogFiles.layer(),
        NodeListener.layer,
        NodeTick.layer,
        NodeCompression.layer,
        Layer.succeed(RequestObserver, observe)
      ]))
      const testBroker = Layer.effect(
        TestBroker,
        Effect.map(KafkaBroker, (running) => ({
          ...running,
          ...running.client,
          bootstrap: `${running.host}:${running.port}`,
          requests: Effect.sync(() => requests.slice()),
          values: (topic: string) => Effect.map(running.client.records(topic), (records) => records.map(text))
        }))
      )
      return Layer.provideMerge(testBroker, broker)
    }))
  }
}
