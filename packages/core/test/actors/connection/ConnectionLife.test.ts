import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { BufferPool, SharedBufferPool } from "../../../src/actors/connection/BufferPool.ts"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import type { ConnectionState, HandlerEvent } from "../../../src/actors/connection/ConnectionMachine.ts"
import { directHandler } from "../../../src/actors/connection/Handler.ts"
import { Uuid } from "../../../src/model/Uuid.ts"
import { Heartbeat } from "../../../src/protocol/apis/Heartbeat.ts"
import { Produce } from "../../../src/protocol/apis/Produce.ts"
import { SaslAuthenticate } from "../../../src/protocol/apis/SaslAuthenticate.ts"
import { SaslHandshake } from "../../../src/protocol/apis/SaslHandshake.ts"
import { encodeRequest } from "../../../src/protocol/Frame.ts"
import { makeInProcessConnection } from "../../../src/seams/InProcessConnection.ts"
import { anonymous } from "../../../src/security/Principal.ts"
import { makeMicrotaskTick, microtaskTick } from "../../support/microtaskTick.ts"
import { beat, connect, heartbeat, heldProduce, observe, produce, settle } from "./connectionFixtures.ts"

const maxIdleMs = 60_000
const alice = { type: "User", name: "alice" }

const joined = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** A Produce of so many bytes, whole. */
const largeProduce = (correlationId: number, sizeBytes: number): Uint8Array =>
  joined(encodeRequest(Produce, 9, { correlationId, clientId: "c" }, {
    acks: 1,
    timeoutMs: correlationId,
    topicData: [{
      name: "t",
      topicId: Uuid.zero,
      partitionData: [{ index: 0, records: new Uint8Array(sizeBytes) }]
    }]
  }))

const handshake = (correlationId: number) =>
  encodeRequest(SaslHandshake, 1, { correlationId, clientId: "c" }, { mechanism: "PLAIN" })
const authenticate = (correlationId: number) =>
  encodeRequest(SaslAuthenticate, 2, { correlationId, clientId: "c" }, { authBytes: new Uint8Array(3) })

/** Handlers as those of SASL will be: they answer, and report what the exchange came to. */
const sasl = (outcome: HandlerEvent) => [
  directHandler(SaslHandshake, (_request, context, reply) => {
    context.connection.report({ _tag: "AuthenticationBegan", mechanism: "PLAIN", tokens: "Requests" })
    reply({ errorCode: 0, mechanisms: ["PLAIN"] })
  }, { authentication: "Begins" }),
  directHandler(SaslAuthenticate, (_request, context, reply) => {
    context.connection.report(outcome)
    reply({ errorCode: 0, errorMessage: null, authBytes: new Uint8Array(0), sessionLifetimeMs: 0 })
  }, { authentication: "Continues" })
]

describe("the life of a connection", () => {
  it.effect("closes an idle connection when its time is over, not before and not later", () =>
    Effect.gen(function*() {
      const { client } = yield* connect([heartbeat])
      const seen = observe(client)
      yield* TestClock.adjust(40_000)
      client.write(beat(1))
      yield* settle
      yield* TestClock.adjust(maxIdleMs - 1)
      yield* settle
      assert.isFalse(seen.closed)
      yield* TestClock.adjust(1)
      yield* settle
      assert.isTrue(seen.closed)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a connection that works for its peer is not idle, however long that takes", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { client } = yield* connect([handler])
      const seen = observe(client)
      client.write(produce(1))
      yield* settle
      yield* TestClock.adjust(10 * maxIdleMs)
      yield* settle
      assert.isFalse(seen.closed)
      held[0]!.reply({ responses: [] })
      yield* settle
      yield* TestClock.adjust(maxIdleMs)
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1], true])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("closes a connection whose frame does not arrive, when its time is over", () =>
    Effect.gen(function*() {
      const { client } = yield* connect([heartbeat])
      const seen = observe(client)
      yield* TestClock.adjust(1_000)
      client.write([Uint8Array.of(0, 0, 0, 50, 0, 12, 0, 4, 0)])
      yield* settle
      yield* TestClock.adjust(ConnectionLimits.frameDeadlineMs - 1)
      yield* settle
      assert.isFalse(seen.closed)
      yield* TestClock.adjust(1)
      yield* settle
      assert.isTrue(seen.closed)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("sleeps only while something is due: a year without connections costs nothing, a year with one two looks", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let sleeps = 0
      const counting: Clock.Clock = {
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        sleep: (duration) => {
          sleeps++
          return clock.sleep(duration)
        }
      }
      const { actors, client } = yield* Effect.provideService(connect([heartbeat]), Clock.Clock, counting)
      const seen = observe(client)
      client.write(beat(1))
      yield* settle
      yield* TestClock.adjust("365 days")
      yield* settle
      assert.deepStrictEqual([seen.closed, actors.count()], [true, 0])
      const before = sleeps
      yield* TestClock.adjust("365 days")
      assert.strictEqual(sleeps, before)
      // Until it is idle, and until the buffer pool may be let go of.
      assert.isAtMost(sleeps, 4)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("lets go of lent buffers a while after the last traffic", () =>
    Effect.gen(function*() {
      const pool = new BufferPool()
      const { client } = yield* Effect.provideService(connect([heartbeat]), SharedBufferPool, pool)
      observe(client)
      pool.give(pool.take(1_000_000))
      client.write(beat(1))
      yield* settle
      assert.isAbove(pool.idleBytes, 0)
      yield* TestClock.adjust(2 * ConnectionLimits.idleBufferMs)
      assert.strictEqual(pool.idleBytes, 0)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a throttled connection is answered, and nothing more of it is taken before its time", () =>
    Effect.gen(function*() {
      const throttling = directHandler(Heartbeat, (_request, context, reply) => {
        context.connection.report({ _tag: "Throttled", untilMs: 500 })
        reply({ errorCode: 0, throttleTimeMs: 500 })
      })
      const { client } = yield* connect([throttling])
      const seen = observe(client)
      client.write([...beat(1), ...beat(2)])
      yield* settle
      client.write(beat(3))
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [1])
      yield* TestClock.adjust(499)
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [1])
      yield* TestClock.adjust(1)
      yield* settle
      assert.deepStrictEqual(seen.correlationIds, [1, 2, 3])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("before authentication only its own requests are served, afterwards all, as the principal", () =>
    Effect.gen(function*() {
      const states: Array<ConnectionState> = []
      const who = directHandler(Heartbeat, (_request, { connection, principal }, reply) => {
        states.push(connection.state)
        assert.strictEqual(principal, alice)
        reply({ errorCode: 0 })
      })
      const handlers = [who, ...sasl({ _tag: "Authenticated", principal: alice, expiresAtMs: 1_000 })]
      const early = yield* connect(handlers, { principal: undefined })
      const earlySeen = observe(early.client)
      early.client.write(beat(1))
      yield* settle
      assert.deepStrictEqual([earlySeen.correlationIds, earlySeen.closed], [[], true])

      const { client } = yield* connect(handlers, { principal: undefined })
      const seen = observe(client)
      client.write([...handshake(1), ...authenticate(2), ...beat(3)])
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1, 2, 3], false])
      assert.strictEqual(states[0]?.client.clientId, "c")
      // The session ends: it can be renewed, and nothing else.
      yield* TestClock.adjust(1_000)
      client.write([...handshake(4), ...authenticate(5)])
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1, 2, 3, 4, 5], false])
      client.write(beat(6))
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1, 2, 3, 4, 5], true])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a failed authentication is answered, and then the connection closes", () =>
    Effect.gen(function*() {
      const handlers = [heartbeat, ...sasl({ _tag: "AuthenticationFailed", untilMs: 5_000 })]
      const { client } = yield* connect(handlers, { principal: undefined })
      const seen = observe(client)
      client.write([...handshake(1), ...authenticate(2), ...beat(3)])
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1, 2], true])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))
})

describe("a connection and the memory of all", () => {
  it.effect("small frames pass while large ones fill the memory, and a large one goes on when its holder leaves", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { actors, client } = yield* connect([handler, heartbeat], { maxQueuedRequestBytes: 500_000 })
      observe(client)
      const another = () => {
        const { client, server } = makeInProcessConnection(makeMicrotaskTick())
        actors.attach(server, anonymous)
        return { client, seen: observe(client) }
      }
      const hog = largeProduce(1, 400_000)
      client.write([hog.subarray(0, 300_000)])
      yield* settle
      const waiting = another()
      const large = largeProduce(2, 400_000)
      waiting.client.write([large.subarray(0, 200_000)])
      yield* settle
      waiting.client.write([large.subarray(200_000)])
      const small = another()
      for (const id of [1, 2, 3]) {
        small.client.write(beat(id))
        yield* settle
      }
      assert.deepStrictEqual(small.seen.correlationIds, [1, 2, 3])
      assert.strictEqual(held.length, 0)
      client.destroy()
      yield* settle
      assert.deepStrictEqual(held.map(({ timeoutMs }) => timeoutMs), [2])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a large frame that stands still is given up a second after another needs its room", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { actors, client } = yield* connect([handler], { maxQueuedRequestBytes: 500_000 })
      const hog = observe(client)
      client.write([largeProduce(1, 400_000).subarray(0, 399_000)])
      yield* settle
      yield* TestClock.adjust(20_000)
      assert.isFalse(hog.closed)
      const { client: other, server } = makeInProcessConnection(makeMicrotaskTick())
      actors.attach(server, anonymous)
      observe(other)
      const large = largeProduce(2, 400_000)
      other.write([large.subarray(0, 200_000)])
      yield* settle
      other.write([large.subarray(200_000)])
      yield* TestClock.adjust(ConnectionLimits.memoryCheckMs)
      yield* settle
      assert.isTrue(hog.closed)
      assert.strictEqual(held.length, 1)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a large frame that is only announced holds nothing", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const { actors, client } = yield* connect([handler], { maxQueuedRequestBytes: 500_000 })
      observe(client)
      client.write([largeProduce(1, 400_000).subarray(0, 9)])
      yield* settle
      const { client: other, server } = makeInProcessConnection(makeMicrotaskTick())
      actors.attach(server, anonymous)
      observe(other)
      other.write([largeProduce(2, 400_000)])
      yield* settle
      assert.deepStrictEqual(held.map(({ timeoutMs }) => timeoutMs), [2])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a request that came alone, and whose answer is expected to be small, passes those that fill the turns", () =>
    Effect.gen(function*() {
      // Every look at the clock is a millisecond later: a turn is soon spent.
      const clock = yield* Clock.Clock
      let nowMs = 0
      const hurrying = Object.assign(Object.create(clock) as Clock.Clock, { currentTimeMillisUnsafe: () => nowMs++ })
      const { actors, client } = yield* Effect.provideService(connect([heartbeat]), Clock.Clock, hurrying)
      const other = makeInProcessConnection(makeMicrotaskTick())
      actors.attach(other.server, anonymous)
      const order: Array<"pipelined" | "alone"> = []
      const noting = (what: "pipelined" | "alone") => ({
        onData: () => void order.push(what),
        onDrain: () => {},
        onClose: () => {}
      })
      client.start(noting("pipelined"))
      other.client.start(noting("alone"))
      other.client.write(beat(1))
      yield* settle
      client.write([joined(Array.from({ length: 500 }, (_, i) => beat(i)).flat())])
      other.client.write(beat(2))
      for (let turn = 0; turn < 600 && order.length < 502; turn++) yield* settle
      assert.strictEqual(order.length, 502)
      assert.isBelow(order.lastIndexOf("alone"), 100)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))
})
