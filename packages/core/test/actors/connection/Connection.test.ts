import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { directHandler, effectHandler } from "../../../src/actors/connection/Handler.ts"
import { RequestObserver } from "../../../src/actors/connection/RequestObserver.ts"
import { ResponseMemory, SharedResponseMemory } from "../../../src/actors/connection/ResponseMemory.ts"
import { makeClientConnection } from "../../../src/client/ClientConnection.ts"
import { ApiVersions } from "../../../src/protocol/apis/ApiVersions.ts"
import { DescribeCluster } from "../../../src/protocol/apis/DescribeCluster.ts"
import { Heartbeat } from "../../../src/protocol/apis/Heartbeat.ts"
import { encodeRequest } from "../../../src/protocol/Frame.ts"
import { makeInProcessConnection } from "../../../src/seams/InProcessConnection.ts"
import { makeMicrotaskTick, microtaskTick } from "../../support/microtaskTick.ts"
import { beat, connect, heartbeat, heldProduce, observe, produce, settle } from "./connectionFixtures.ts"

describe("Connection", () => {
  it.effect("answers in request order though Produce completes out of order", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { client } = yield* connect([handler])
      const seen = observe(client)
      client.write([...produce(1), ...produce(2), ...produce(3)])
      yield* settle
      assert.deepStrictEqual(held.map(({ timeoutMs }) => timeoutMs), [1, 2, 3])
      held[2]!.reply({ responses: [] })
      held[1]!.reply({ responses: [] })
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [])
      held[0]!.reply({ responses: [] })
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [1, 2, 3])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("lets nothing but Produce overlap Produce", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { client } = yield* connect([handler, heartbeat])
      const seen = observe(client)
      client.write([...produce(1), ...beat(2), ...produce(3)])
      yield* settle
      assert.strictEqual(held.length, 1)
      held[0]!.reply({ responses: [] })
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [1, 2])
      assert.strictEqual(held.length, 2)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("sends nothing for a silent answer and goes on", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { client } = yield* connect([handler, heartbeat])
      const seen = observe(client)
      client.write([...produce(1, 0), ...beat(2)])
      yield* settle
      held[0]!.reply(undefined)
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [2])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("closes without an answer when the handler says so", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { actors, client } = yield* connect([handler])
      const seen = observe(client)
      client.write(produce(1, 0))
      yield* settle
      held[0]!.disconnect("test")
      yield* settle
      assert.isTrue(seen.closed)
      assert.deepStrictEqual(seen.correlationIds, [])
      assert.strictEqual(actors.count(), 0)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("closes on an unknown key, an unsupported version and an undecodable body", () =>
    Effect.gen(function*() {
      const bad: ReadonlyArray<Uint8Array> = [
        Uint8Array.of(0, 0, 0, 8, 3, 0xe7, 0, 0, 0, 0, 0, 1),
        Uint8Array.of(0, 0, 0, 8, 0, 12, 0, 99, 0, 0, 0, 1),
        Uint8Array.of(0, 0, 0, 10, 0, 12, 0, 0, 0, 0, 0, 1, 0xff, 0xff)
      ]
      for (const bytes of bad) {
        const { client } = yield* connect([heartbeat])
        const seen = observe(client)
        client.write([bytes])
        yield* settle
        assert.isTrue(seen.closed)
        assert.deepStrictEqual(seen.correlationIds, [])
      }
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("answers what came before a bad request, in order, and only then closes", () =>
    Effect.gen(function*() {
      for (
        const bad of [Uint8Array.of(0xff, 0xff, 0xff, 0xff), Uint8Array.of(0, 0, 0, 10, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0)]
      ) {
        const { held, handler } = heldProduce()
        const { actors, client } = yield* connect([handler])
        const seen = observe(client)
        client.write([...produce(1), ...produce(2), bad, ...produce(3)])
        yield* settle
        held[1]!.reply({ responses: [] })
        yield* settle
        assert.deepStrictEqual([seen.closed, seen.correlationIds], [false, []])
        held[0]!.reply({ responses: [] })
        yield* settle
        assert.deepStrictEqual([seen.closed, seen.correlationIds], [true, [1, 2]])
        assert.strictEqual(held.length, 2)
        assert.strictEqual(actors.count(), 0)
      }
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("answers what came before a Produce with acks=0 that failed, and only then closes", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { client } = yield* connect([handler])
      const seen = observe(client)
      client.write([...produce(1), ...produce(2, 0)])
      yield* settle
      held[1]!.disconnect("test")
      yield* settle
      assert.isFalse(seen.closed)
      held[0]!.reply({ responses: [] })
      yield* settle
      assert.deepStrictEqual([seen.closed, seen.correlationIds], [true, [1]])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("does not wait long for the answers before a bad request", () =>
    Effect.gen(function*() {
      const { abandoned, handler } = heldProduce()
      const { client } = yield* connect([handler])
      const seen = observe(client)
      client.write([...produce(1), Uint8Array.of(0xff, 0xff, 0xff, 0xff)])
      yield* settle
      yield* TestClock.adjust(ConnectionLimits.drainTimeoutMs)
      yield* settle
      assert.isTrue(seen.closed)
      assert.deepStrictEqual([seen.correlationIds, abandoned], [[], [1]])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("answers an unsupported ApiVersions version with version 0 and error 35", () =>
    Effect.gen(function*() {
      const apiVersions = directHandler(
        ApiVersions,
        (_request, _context, reply) => reply({ errorCode: 0, apiKeys: [] }),
        { answerUnsupported: () => ({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] }) }
      )
      const { client } = yield* connect([apiVersions])
      const received: Array<number> = []
      client.start({ onData: (chunk) => received.push(...chunk), onDrain: () => {}, onClose: () => {} })
      client.write([Uint8Array.of(0, 0, 0, 11, 0, 18, 3, 0xe8, 0, 0, 0, 7, 0xff, 0xff, 0)])
      yield* settle
      assert.deepStrictEqual(received, [0, 0, 0, 16, 0, 0, 0, 7, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("interrupts and abandons what a closed connection was waiting for", () =>
    Effect.gen(function*() {
      let interrupted = false
      const endless = effectHandler(DescribeCluster, () =>
        Effect.never.pipe(Effect.onInterrupt(() =>
          Effect.sync(() => {
            interrupted = true
          })
        )))
      const { abandoned, handler } = heldProduce()
      const first = yield* connect([handler])
      observe(first.client)
      first.client.write(produce(5))
      yield* settle
      first.client.close()
      const second = yield* connect([endless])
      const client = yield* makeClientConnection({ connect: () => second.client, maxRequestBytes: 10_000 }, "c")
      const waiting = yield* Effect.forkChild(
        client.request(DescribeCluster, {
          includeClusterAuthorizedOperations: false,
          endpointType: 1,
          includeFencedBrokers: false
        }),
        { startImmediately: true }
      )
      yield* settle
      second.client.close()
      yield* settle
      assert.deepStrictEqual(abandoned, [5])
      assert.isTrue(interrupted)
      assert.strictEqual(first.actors.count() + second.actors.count(), 0)
      yield* Fiber.interrupt(waiting)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("closes a connection whose peer does not read its answers", () =>
    Effect.gen(function*() {
      const apiKeys = Array.from({ length: 200_000 }, () => ({ apiKey: 0, minVersion: 0, maxVersion: 0 }))
      const large = directHandler(ApiVersions, (_request, _context, reply) => reply({ errorCode: 0, apiKeys }))
      const { client } = yield* connect([large])
      const seen = observe(client)
      client.pause()
      const ask = encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: "c" }, {
        clientSoftwareName: "",
        clientSoftwareVersion: ""
      })
      client.write(ask)
      yield* settle
      yield* TestClock.adjust(60_000)
      yield* settle
      client.resume()
      yield* settle
      assert.isTrue(seen.closed)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("takes no further request while its peer does not take the answer, which is counted until then", () =>
    Effect.gen(function*() {
      const memory = new ResponseMemory()
      let asked = 0
      const apiKeys = Array.from({ length: 200_000 }, () => ({ apiKey: 0, minVersion: 0, maxVersion: 0 }))
      const large = directHandler(ApiVersions, (_request, _context, reply) => {
        asked++
        reply({ errorCode: 0, apiKeys })
      })
      const ask = encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: "c" }, {
        clientSoftwareName: "",
        clientSoftwareVersion: ""
      })
      const { client } = yield* Effect.provideService(connect([large]), SharedResponseMemory, memory)
      observe(client)
      client.pause()
      client.write([...ask, ...ask])
      yield* settle
      client.write(ask)
      yield* settle
      assert.strictEqual(asked, 1)
      const answerBytes = memory.usedBytes
      assert.isAbove(answerBytes, 1024 * 1024)
      client.resume()
      yield* settle
      assert.strictEqual(asked, 3)
      assert.strictEqual(memory.usedBytes, 0)
      client.pause()
      client.write(ask)
      yield* settle
      assert.strictEqual(memory.usedBytes, answerBytes)
      client.destroy()
      yield* settle
      assert.strictEqual(memory.usedBytes, 0)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("an observer that throws costs its connection and nothing else", () =>
    Effect.gen(function*() {
      const throwing = (seen: { readonly clientId: string }): void => {
        if (seen.clientId === "bad") throw new Error("observer")
      }
      const { actors, client } = yield* Effect.provideService(connect([heartbeat]), RequestObserver, throwing)
      const bad = observe(client)
      const other = makeInProcessConnection(makeMicrotaskTick())
      const good = observe(other.client)
      actors.accept(other.server)
      const request = { groupId: "g", generationId: 1, memberId: "m" }
      // The second is dispatched by the tick that answers the first.
      client.write([...beat(1), ...encodeRequest(Heartbeat, 4, { correlationId: 2, clientId: "bad" }, request)])
      yield* settle
      other.client.write(beat(3))
      yield* settle
      assert.deepStrictEqual([bad.correlationIds, bad.closed], [[1], true])
      assert.deepStrictEqual([good.correlationIds, good.closed], [[3], false])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("refuses connections above the limit", () =>
    Effect.gen(function*() {
      const { actors } = yield* connect([heartbeat])
      const pairs = [1, 2].map(() => makeInProcessConnection(makeMicrotaskTick()))
      const seen = pairs.map(({ client }) => observe(client))
      for (const { server } of pairs) actors.accept(server)
      yield* settle
      assert.deepStrictEqual(seen.map(({ closed }) => closed), [false, true])
      assert.strictEqual(actors.count(), 2)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))
})
