import { assert, it } from "@effect/vitest"
import { KafkaBroker } from "@kafka-broker/core"
import { NodeKafkaBroker } from "@kafka-broker/node-server"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { httpService } from "../src/embed-in-http-service.ts"

const broker = NodeKafkaBroker.layer({ memory: true, port: 0 })

it.live("an order posted over HTTP is a record that a consumer of the topic sees", () =>
  Effect.gen(function*() {
    const { client } = yield* KafkaBroker
    const { address } = yield* HttpServer.HttpServer
    assert(address._tag === "InetAddressV4")
    const response = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${address.port}/orders`, { method: "POST", body: `{"item":"lamp"}` })
    )
    assert.strictEqual(response.status, 201)
    const [record] = yield* client.records("orders")
    assert.deepStrictEqual(yield* Effect.promise(() => response.json()), {
      partition: record!.partition,
      offset: record!.offset
    })
    assert.strictEqual(new TextDecoder().decode(record!.value!), `{"item":"lamp"}`)
  }).pipe(Effect.provide(Layer.provideMerge(httpService(0), broker))))
