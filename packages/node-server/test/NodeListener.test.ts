import { Listener } from "@kafka-broker/core/seams"
import type { ByteConnection, ListenError } from "@kafka-broker/core/seams"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import * as Net from "node:net"
import { NodeListener } from "../src/NodeListener.ts"
import { withSharedReads } from "../src/sharedReads.ts"

/** What a connection was told, copied at once: the chunk is only lent. */
interface Seen {
  readonly connection: ByteConnection
  readonly bytes: Array<number>
  closed: boolean
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

/** A listener whose connections note what they are told. */
interface Listening {
  readonly port: number
  readonly seen: ReadonlyArray<Seen>
  readonly connect: Effect.Effect<Net.Socket>
}

const listen = Effect.gen(function*() {
  const seen: Array<Seen> = []
  const { port } = yield* (yield* Listener).listen({ host: "127.0.0.1", port: 0, backlog: 10 }, (connection) => {
    const one: Seen = { connection, bytes: [], closed: false }
    seen.push(one)
    connection.start({
      onData: (chunk) => one.bytes.push(...chunk),
      onDrain: () => {},
      onClose: () => {
        one.closed = true
      }
    })
  })
  const connect = Effect.promise(async () => {
    const socket = Net.connect(port, "127.0.0.1")
    await once(socket, "connect")
    return socket
  })
  return { port, seen, connect }
})

const withListener = <A>(use: (listening: Listening) => Effect.Effect<A>): Effect.Effect<A, ListenError> =>
  Effect.scoped(Effect.flatMap(listen, use)).pipe(Effect.provide(NodeListener.layer))

describe("NodeListener", () => {
  it.live("delivers what each of many connections sends, whole and in order", () =>
    withListener(Effect.fnUntraced(function*({ connect, seen }) {
      const sockets = yield* Effect.all(Array.from({ length: 8 }, () => connect))
      for (let round = 0; round < 50; round++) {
        sockets.forEach((socket, i) => socket.write(Uint8Array.from({ length: 1 + round * 7 }, () => i)))
      }
      for (const socket of sockets) socket.end()
      yield* Effect.promise(() => until(() => seen.length === 8 && seen.every(({ closed }) => closed)))
      const lengths = seen.map(({ bytes }) => bytes.length)
      assert.deepStrictEqual(lengths, lengths.map(() => 50 + 7 * (49 * 50) / 2))
      for (const { bytes } of seen) assert.strictEqual(new Set(bytes).size, 1)
      assert.strictEqual(new Set(seen.map(({ bytes }) => bytes[0])).size, 8)
    })))

  it.live("delivers nothing while a connection is paused, and all of it afterwards", () =>
    withListener(Effect.fnUntraced(function*({ connect, seen }) {
      const socket = yield* connect
      const other = yield* connect
      socket.write(Uint8Array.of(1))
      yield* Effect.promise(() => until(() => seen.some(({ bytes }) => bytes.length === 1)))
      const paused = seen.find(({ bytes }) => bytes.length === 1)!
      paused.connection.pause()
      socket.write(Uint8Array.of(2, 3))
      other.write(Uint8Array.of(9))
      yield* Effect.promise(() => until(() => seen.some(({ bytes }) => bytes[0] === 9)))
      assert.deepStrictEqual(paused.bytes, [1])
      paused.connection.resume()
      yield* Effect.promise(() => until(() => paused.bytes.length === 3))
      assert.deepStrictEqual(paused.bytes, [1, 2, 3])
      socket.destroy()
      other.destroy()
    })))

  it.live("tells of a write once the system has all of it, however much it is", () =>
    withListener(Effect.fnUntraced(function*({ connect, seen }) {
      const socket = yield* connect
      yield* Effect.promise(() => until(() => seen.length === 1))
      let written = 0
      const chunk = new Uint8Array(32 * 1024 * 1024).fill(5)
      assert.isFalse(seen[0]!.connection.write([Uint8Array.of(1), chunk], () => written++))
      assert.strictEqual(written, 0)
      let received = 0
      socket.on("data", (bytes) => {
        received += bytes.length
      })
      yield* Effect.promise(() => until(() => written === 1 && received === chunk.length + 1))
      socket.destroy()
      yield* Effect.promise(() => until(() => seen[0]!.closed))
    })))

  it.live("closes a paused connection though its peer never does, and not before the peer was sent everything", () =>
    withListener(Effect.fnUntraced(function*({ port, seen }) {
      // Half open: the peer that reads the end of the broker keeps its own half.
      const socket = Net.connect({ port, host: "127.0.0.1", allowHalfOpen: true })
      yield* Effect.promise(() => once(socket, "connect"))
      yield* Effect.promise(() => until(() => seen.length === 1))
      const { connection } = seen[0]!
      connection.pause()
      socket.write(new Uint8Array(1_000))
      const chunk = new Uint8Array(8 * 1024 * 1024).fill(5)
      connection.write([chunk])
      connection.close()
      let received = 0
      socket.on("data", (bytes) => {
        received += bytes.length
      })
      yield* Effect.promise(() => until(() => seen[0]!.closed))
      yield* Effect.promise(() => until(() => received === chunk.length))
      socket.destroy()
    })))

  it("leaves a socket whose handle takes no buffer as it is", () => {
    assert.isUndefined(withSharedReads(new Net.Socket(), () => {}))
  })
})
