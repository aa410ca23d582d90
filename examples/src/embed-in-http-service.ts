/**
 * An HTTP service with a broker inside: what is posted to /orders lies in a topic, where every Kafka client finds it.
 *
 *     node examples/src/embed-in-http-service.ts
 *     curl -X POST localhost:3000/orders -d '{"item":"lamp"}'
 *     kcat -b 127.0.0.1:9092 -t orders -C -e
 */
import { NodeHttpServer } from "@effect/platform-node"
import { KafkaBroker } from "@kafka-broker/core"
import { NodeKafkaBroker, runMain } from "@kafka-broker/node-server"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

const postOrder = Effect.gen(function*() {
  const { client } = yield* KafkaBroker
  const request = yield* HttpServerRequest.HttpServerRequest
  const [placed] = yield* client.produce("orders", [{ value: yield* request.text }])
  return yield* HttpServerResponse.json(placed, { status: 201 })
}).pipe(
  Effect.catchTag("KafkaError", ({ message }) => Effect.succeed(HttpServerResponse.text(message, { status: 503 })))
)

/** The topic exists before the first request is taken. */
const topics = Layer.effectDiscard(Effect.gen(function*() {
  const { client } = yield* KafkaBroker
  if (!(yield* client.listTopics).includes("orders")) yield* client.createTopics([{ name: "orders", partitions: 3 }])
}))

/** The service; `httpPort` 0 takes a free one. */
export const httpService = (httpPort: number) =>
  HttpRouter.serve(HttpRouter.add("POST", "/orders", postOrder)).pipe(
    Layer.provide(topics),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: httpPort }))
  )

if (import.meta.main) {
  const KafkaBrokerLive = NodeKafkaBroker.layer({ dataDir: "./data" })
  runMain(Layer.launch(httpService(3000).pipe(Layer.provide(KafkaBrokerLive))))
}
