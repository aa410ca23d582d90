import { KafkaBroker } from "@kafka-broker/core"
import { NodeKafkaBroker, runMain } from "@kafka-broker/node-server"
import { Console, Effect, Layer } from "effect"

const KafkaBrokerLive = NodeKafkaBroker.layer({ port: 9092, dataDir: "./data" })

const App = Layer.effectDiscard(Effect.gen(function*() {
  const { client, host, port } = yield* KafkaBroker
  if (!(yield* client.listTopics).includes("orders")) yield* client.createTopics([{ name: "orders" }])
  const [placed] = yield* client.produce("orders", [{ key: "42", value: "lamp" }])
  yield* Console.log(`order at offset ${placed!.offset}; Kafka clients connect to ${host}:${port}`)
}))

runMain(Layer.launch(App.pipe(Layer.provide(KafkaBrokerLive))))
