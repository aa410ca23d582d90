import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { makeClientConnection } from "../../src/client/ClientConnection.ts"
import { DeleteGroups } from "../../src/protocol/apis/DeleteGroups.ts"
import { makeScriptedBroker } from "./scriptedBroker.ts"

const answered = { results: [] }
const askFor = (group: string) => ({ groupsNames: [group] })

describe("ClientConnection", () => {
  it.effect("refuses what the broker would not read, and the connection goes on", () =>
    Effect.gen(function*() {
      const broker = makeScriptedBroker(() => answered, 100)
      const connection = yield* makeClientConnection(broker.endpoint, "test")
      const large = yield* Effect.flip(connection.request(DeleteGroups, askFor("g".repeat(200))))
      assert.strictEqual(large.name, "MESSAGE_TOO_LARGE")
      const unencodable = yield* Effect.flip(connection.request(DeleteGroups, askFor("g".repeat(40_000)), 0))
      assert.strictEqual(unencodable.name, "INVALID_REQUEST")
      assert.lengthOf(broker.requests, 0)
      yield* connection.request(DeleteGroups, askFor("g"))
      assert.lengthOf(broker.requests, 1)
    }))

  it.effect("holds requests back while the broker does not keep up", () =>
    Effect.gen(function*() {
      const broker = makeScriptedBroker(() => answered)
      const connection = yield* makeClientConnection(broker.endpoint, "test")
      broker.accepts = false
      yield* connection.request(DeleteGroups, askFor("first"))
      const second = yield* Effect.forkChild(connection.request(DeleteGroups, askFor("second")), {
        startImmediately: true
      })
      yield* Effect.yieldNow
      assert.lengthOf(broker.requests, 1)
      broker.drained()
      yield* Fiber.join(second)
      assert.deepStrictEqual(broker.requests.map(({ body }) => body.groupsNames[0]), ["first", "second"])
    }))

  it.effect("fails what waits when the connection ends, and opens another for the next request", () =>
    Effect.gen(function*() {
      const broker = makeScriptedBroker(({ connection }) => connection === 0 ? "close" : answered)
      const connection = yield* makeClientConnection(broker.endpoint, "test")
      const ended = yield* Effect.flip(connection.request(DeleteGroups, askFor("g")))
      assert.strictEqual(ended.name, "NETWORK_EXCEPTION")
      yield* connection.request(DeleteGroups, askFor("g"))
      assert.deepStrictEqual(broker.requests.map((request) => request.connection), [0, 1])
    }))

  it.effect("is closed with its scope and opens nothing after it", () =>
    Effect.gen(function*() {
      const broker = makeScriptedBroker(() => answered)
      const scope = yield* Scope.make()
      const connection = yield* Scope.provide(makeClientConnection(broker.endpoint, "test"), scope)
      yield* connection.request(DeleteGroups, askFor("g"))
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(broker.connectionCount(), 0)
      const late = yield* Effect.flip(connection.request(DeleteGroups, askFor("g")))
      assert.strictEqual(late.name, "NETWORK_EXCEPTION")
      assert.strictEqual(broker.connectionCount(), 0)
    }))

  it.effect("lets other fibers have their turn however fast the answers come", () =>
    Effect.gen(function*() {
      const broker = makeScriptedBroker(() => answered)
      const connection = yield* makeClientConnection(broker.endpoint, "test")
      let asked = 0
      const busy = yield* Effect.forkChild(Effect.gen(function*() {
        while (asked < 100_000) {
          yield* connection.request(DeleteGroups, askFor("g"))
          asked++
        }
      }))
      yield* Effect.repeat(Effect.yieldNow, { times: 10 })
      yield* Fiber.interrupt(busy)
      assert.isAbove(asked, 10)
      assert.isBelow(asked, 1_000)
    }))
})
