import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeConnectionActors } from "../../../src/actors/connection/ConnectionActors.ts"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { directHandler, effectHandler, type Handler, type Reply } from "../../../src/actors/connection/Handler.ts"
import { HandlerRegistry } from "../../../src/actors/connection/HandlerRegistry.ts"
import { ResponseMemory, SharedResponseMemory } from "../../../src/actors/connection/ResponseMemory.ts"
import { ConnectionQuota } from "../../../src/actors/connection/ConnectionQuota.ts"
import { makeClientConnection } from "../../../src/client/ClientConnection.ts"
import { ApiVersions } from "../../../src/protocol/apis/ApiVersions.ts"
import { DescribeCluster } from "../../../src/protocol/apis/DescribeCluster.ts"
import { Heartbeat } from "../../../src/protocol/apis/Heartbeat.ts"
import { Produce } from "../../../src/protocol/apis/Produce.ts"
import { encodeRequest } from "../../../src/protocol/Frame.ts"
import type { ResponseInputOf } from "../../../src/protocol/schema/defineApi.ts"
import { makeInProcessConnection } from "../../../src/seams/InProcessConnection.ts"
import { makeMicrotaskTick, microtaskTick } from "../../support/microtaskTick.ts"

type ProduceReply = Reply<ResponseInputOf<typeof Produce>>

/** A Produce handler that answers when the test says so. */
const heldProduce = () => {
  const held: Array<{ readonly reply: ProduceReply; readonly disconnect: () => void; readonly timeoutMs: number }> = []
  const abandoned: Array<number> = []
  const handler = directHandler(Produce, (request, _context, reply, disconnect) => {
    held.push({ reply, disconnect, timeoutMs: request.timeoutMs })
    return () => {
      abandoned.push(request.timeoutMs)
    }
  })
  return { held, abandoned, handler }
}

const heartbeat = directHandler(Heartbeat, (_request, _context, reply) => reply({ errorCode: 0 }))

/** A connection to actors that serve `handlers`, with the raw bytes that come back and whether it was closed. */
const connect = Effect.fnUntraced(function*(handlers: ReadonlyArray<Handler<any>>, maxQueuedRequestBytes = 100_000) {
  const actors = yield* makeConnectionActors({
    registry: new HandlerRegistry(handlers),
    advertised: () => ({ host: "127.0.0.1", port: 9092 }),
    maxRequestBytes: 10_000,
    maxQueuedRequestBytes,
    quota: new ConnectionQuota({ max: 2, maxPerAddress: 2, overrides: new Map() }),
    maxIdleMs: 60_000
  })
  const { client, server } = makeInProcessConnection(makeMicrotaskTick())
  actors.accept(server)
  return { actors, client }
})

/** The raw end of a connection: correlation ids of the answers in order, and whether the broker closed it. */
const observe = (client: ReturnType<typeof makeInProcessConnection>["client"]) => {
  const seen = { correlationIds: [] as Array<number>, closed: false }
  client.start({
    onData: (chunk) => {
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
      for (let at = 0; at < chunk.length; at += 4 + view.getInt32(at)) seen.correlationIds.push(view.getInt32(at + 4))
    },
    onDrain: () => {},
    onClose: () => {
      seen.closed = true
    }
  })
  return seen
}

const settle = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const produce = (correlationId: number, acks = 1) =>
  encodeRequest(Produce, 9, { correlationId, clientId: "c" }, {
    acks,
    timeoutMs: correlationId,
    topicData: []
  })
const beat = (correlationId: number) =>
  encodeRequest(Heartbeat, 4, { correlationId, clientId: "c" }, { groupId: "g", generationId: 1, memberId: "m" })

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
      held[0]!.disconnect()
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
      held[1]!.disconnect()
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
      yield* TestClock.adjust(ConnectionLimits.drainTimeoutMs + ConnectionLimits.sweepIntervalMs)
      yield* settle
      assert.isTrue(seen.closed)
      assert.deepStrictEqual([seen.correlationIds, abandoned], [[], [1]])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("answers an unsupported ApiVersions version with version 0 and error 35", () =>
    Effect.gen(function*() {
      const apiVersions = directHandler(
        ApiVersions,
        (_request, _context, reply) => reply({ errorCode: 0, apiKeys: [] })
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

  it.effect("closes a connection that is idle or whose frame does not arrive in time", () =>
    Effect.gen(function*() {
      const idle = yield* connect([heartbeat])
      const idleSeen = observe(idle.client)
      const slow = yield* connect([heartbeat])
      const slowSeen = observe(slow.client)
      yield* settle
      yield* TestClock.adjust(1)
      slow.client.write([Uint8Array.of(0, 0, 0, 50, 0, 12, 0, 4, 0)])
      yield* settle
      yield* TestClock.adjust(ConnectionLimits.frameDeadlineMs + ConnectionLimits.sweepIntervalMs)
      yield* settle
      assert.isTrue(slowSeen.closed)
      assert.isFalse(idleSeen.closed)
      yield* TestClock.adjust(60_000)
      yield* settle
      assert.isTrue(idleSeen.closed)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("gives up frames begun when they hold all the memory, so that others are read again", () =>
    Effect.gen(function*() {
      const { actors, client } = yield* connect([heartbeat], 5_000)
      const hog = observe(client)
      const other = makeInProcessConnection(makeMicrotaskTick())
      const otherSeen = observe(other.client)
      actors.accept(other.server)
      yield* settle
      yield* TestClock.adjust(1)
      client.write([Uint8Array.of(0, 0, 0x23, 0x28, 0, 12, 0, 4), new Uint8Array(6_000)])
      yield* settle
      for (const id of [1, 2]) {
        other.client.write(beat(id))
        yield* settle
      }
      assert.deepStrictEqual(otherSeen.correlationIds, [1])
      yield* TestClock.adjust(ConnectionLimits.frameDeadlineMs + ConnectionLimits.sweepIntervalMs)
      yield* settle
      assert.isTrue(hog.closed)
      assert.deepStrictEqual(otherSeen.correlationIds, [1, 2])
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
      yield* TestClock.adjust(60_000 + ConnectionLimits.sweepIntervalMs)
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

  it.effect("drains: what was accepted is answered, nothing more is taken, then it closes", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const plain = directHandler(Produce, (request, context, reply, disconnect) => {
        void handler.handle(request, context, reply, disconnect)
      })
      const { actors, client } = yield* connect([plain])
      const seen = observe(client)
      client.write(produce(1))
      yield* settle
      const draining = yield* Effect.forkChild(actors.drain, { startImmediately: true })
      client.write(produce(2))
      yield* settle
      held[0]!.reply({ responses: [] })
      yield* settle
      yield* Fiber.join(draining)
      assert.deepStrictEqual(seen.correlationIds, [1])
      assert.isTrue(seen.closed)
      assert.strictEqual(held.length, 1)
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
