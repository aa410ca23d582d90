import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { directHandler, effectHandler } from "../../../src/actors/connection/Handler.ts"
import { Heartbeat } from "../../../src/protocol/apis/Heartbeat.ts"
import { Produce } from "../../../src/protocol/apis/Produce.ts"
import { microtaskTick } from "../../support/microtaskTick.ts"
import { beat, connect, drain, heldProduce, observe, produce, settle } from "./connectionFixtures.ts"

describe("Connection, while the broker stops", () => {
  it.effect("what was accepted is answered, nothing more is taken, then it closes", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const plain = directHandler(Produce, (request, context, reply, disconnect) => {
        void handler.handle(request, context, reply, disconnect)
      })
      const { actors, client } = yield* connect([plain])
      const seen = observe(client)
      client.write(produce(1))
      yield* settle
      const draining = yield* Effect.forkChild(drain(actors), { startImmediately: true })
      client.write(produce(2))
      yield* settle
      held[0]!.reply({ responses: [] })
      yield* settle
      yield* Fiber.join(draining)
      assert.deepStrictEqual(seen.correlationIds, [1])
      assert.isTrue(seen.closed)
      assert.strictEqual(held.length, 1)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("an Effect handler that was begun is answered, and only then the connection closes", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const held = effectHandler(Heartbeat, () => Effect.as(Deferred.await(gate), { errorCode: 0 }))
      const { actors, client } = yield* connect([held])
      const seen = observe(client)
      client.write(beat(1))
      yield* settle
      const draining = yield* Effect.forkChild(drain(actors), { startImmediately: true })
      yield* settle
      assert.isFalse(seen.closed)
      yield* Deferred.succeed(gate, undefined)
      yield* settle
      yield* Fiber.join(draining)
      assert.deepStrictEqual([seen.correlationIds, seen.closed], [[1], true])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("a wait that can be abandoned is not waited for, whatever the clock says", () =>
    Effect.gen(function*() {
      const { abandoned, handler } = heldProduce()
      const { actors, client } = yield* connect([handler])
      const seen = observe(client)
      client.write(produce(1))
      yield* settle
      yield* drain(actors)
      yield* settle
      assert.deepStrictEqual([seen.correlationIds, seen.closed, abandoned], [[], true, [1]])
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))

  it.effect("what does not end is interrupted, and waited for, when the time is over", () =>
    Effect.gen(function*() {
      const ended: Array<string> = []
      const scope = yield* Scope.make()
      const endless = effectHandler(
        Heartbeat,
        () =>
          Effect.never.pipe(
            Effect.onInterrupt(() => Effect.yieldNow.pipe(Effect.andThen(Effect.sync(() => ended.push("handler")))))
          )
      )
      const { actors, client } = yield* Effect.provideService(connect([endless]), Scope.Scope, scope)
      const seen = observe(client)
      client.write(beat(1))
      yield* settle
      const draining = yield* Effect.forkChild(drain(actors), { startImmediately: true })
      yield* TestClock.adjust(ConnectionLimits.drainTimeoutMs - 1)
      yield* settle
      assert.isFalse(seen.closed)
      yield* TestClock.adjust(1)
      yield* settle
      yield* Fiber.join(draining)
      assert.isTrue(seen.closed)
      yield* Scope.close(scope, Exit.void)
      ended.push("scope")
      assert.deepStrictEqual(ended, ["handler", "scope"])
    }).pipe(Effect.provide(microtaskTick)))

  it.effect("what the peer goes on sending is dropped, and its close is seen", () =>
    Effect.gen(function*() {
      const { held, handler } = heldProduce()
      const plain = directHandler(Produce, (request, context, reply, disconnect) => {
        void handler.handle(request, context, reply, disconnect)
      })
      const { actors, client } = yield* connect([plain])
      observe(client)
      client.write(produce(1))
      yield* settle
      yield* actors.stopTaking
      client.write([new Uint8Array(9_000), new Uint8Array(9_000)])
      client.close()
      yield* settle
      assert.strictEqual(actors.count(), 0)
      assert.strictEqual(held.length, 1)
    }).pipe(Effect.scoped, Effect.provide(microtaskTick)))
})
