import { KafkaBroker } from "@kafka-broker/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Net from "node:net"
import { ApiVersions } from "../../core/src/protocol/apis/ApiVersions.ts"
import { Fetch } from "../../core/src/protocol/apis/Fetch.ts"
import { encodeRequest } from "../../core/src/protocol/Frame.ts"
import { Uuid } from "../../core/src/model/Uuid.ts"
import { NodeKafkaBroker } from "../src/NodeKafkaBroker.ts"

const mebi = 1024 * 1024

/** Waits for something that sockets bring about; the test's own timeout ends a wait in vain. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Heap and buffers in use: a broker that allocates what is announced shows here. */
const usedBytes = (): number => {
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const withBroker = (use: (broker: KafkaBroker["Service"]) => Promise<void>): Promise<void> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const layer = NodeKafkaBroker.layer({ memory: true, port: 0 })
    const broker = Context.get(yield* Layer.build(layer), KafkaBroker)
    yield* broker.client.createTopics([{ name: "bystander" }])
    yield* Effect.promise(() => use(broker))
    // Whatever the others did: a good client is served, and nothing of them is left.
    const [placed] = yield* broker.client.produce("bystander", [{ value: "still here" }])
    const records = yield* broker.client.records("bystander")
    assert.strictEqual(records.at(-1)!.offset, placed!.offset)
    yield* Effect.promise(() => until(() => broker.connectionCount() === 1))
  })))

const open = async (broker: KafkaBroker["Service"]): Promise<Net.Socket> => {
  const socket = Net.connect({ host: broker.host, port: broker.port, noDelay: true })
  socket.on("error", () => {})
  await new Promise((resolve) => socket.once("connect", resolve))
  return socket
}

const joined = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(chunks))

const versionsRequest = (correlationId: number): Uint8Array =>
  joined(encodeRequest(ApiVersions, 4, { correlationId, clientId: "c" }, {
    clientSoftwareName: "slow",
    clientSoftwareVersion: "1"
  }))

const fetchRequest = (correlationId: number): Uint8Array =>
  joined(encodeRequest(Fetch, 12, { correlationId, clientId: "c" }, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 8 * mebi,
    isolationLevel: 0,
    topics: [{
      topic: "large",
      topicId: Uuid.zero,
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 8 * mebi }]
    }],
    forgottenTopicsData: []
  }))

const fillLarge = async (broker: KafkaBroker["Service"]): Promise<void> => {
  await Effect.runPromise(broker.client.createTopics([{ name: "large" }]))
  const value = new Uint8Array(900_000).fill(7)
  for (let i = 0; i < 9; i++) await Effect.runPromise(broker.client.produce("large", [{ value }]))
}

describe("hostile sockets", { timeout: 30_000 }, () => {
  it("a request that arrives byte by byte is answered", () =>
    withBroker(async (broker) => {
      const socket = await open(broker)
      let received = Buffer.alloc(0)
      socket.on("data", (chunk) => {
        received = Buffer.concat([received, chunk])
      })
      for (const byte of versionsRequest(77)) {
        socket.write(Uint8Array.of(byte))
        await turn()
      }
      await until(() => received.length >= 8 && received.length === received.readInt32BE(0) + 4)
      assert.strictEqual(received.readInt32BE(4), 77)
      socket.destroy()
    }))

  it("a client that closes its half, with or without a request begun, leaves nothing behind", () =>
    withBroker(async (broker) => {
      for (const sent of [new Uint8Array(0), versionsRequest(1), versionsRequest(1).subarray(0, 9)]) {
        const socket = await open(broker)
        socket.resume()
        socket.end(sent)
        await until(() => socket.closed)
      }
    }))

  it("a client that asks for much and reads nothing holds little memory", () =>
    withBroker(async (broker) => {
      await fillLarge(broker)
      const socket = await open(broker)
      socket.pause()
      const before = usedBytes()
      const asked = 200
      for (let i = 0; i < asked; i++) socket.write(fetchRequest(i))
      for (let i = 0; i < 50; i++) {
        await Effect.runPromise(broker.client.produce("bystander", [{ value: String(i) }]))
        await turn()
      }
      // Unbounded, the answers would take 1.6 GB.
      assert.isBelow(usedBytes() - before, 100 * mebi)
      socket.destroy()
    }))

  it("2,000 clients that announce 512 KiB each and send one byte are not believed", () =>
    withBroker(async (broker) => {
      const before = usedBytes()
      const begun = Uint8Array.of(0, 8, 0, 0, 0, 0, 0, 9, 0)
      const sockets = await Promise.all(Array.from({ length: 2_000 }, () => open(broker)))
      for (const socket of sockets) socket.write(begun)
      await until(() => broker.connectionCount() === 2_001)
      for (let i = 0; i < 20; i++) await turn()
      // Believed, they would take 1 GB; this process holds both ends of every connection.
      assert.isBelow(usedBytes() - before, 150 * mebi)
      const [placed] = await Effect.runPromise(broker.client.produce("bystander", [{ value: "x" }]))
      assert.isAtLeast(placed!.offset, 0)
      for (const socket of sockets) socket.destroy()
    }))

  it("connections reset inside a request or inside an answer leave nothing behind", () =>
    withBroker(async (broker) => {
      await fillLarge(broker)
      for (let i = 0; i < 40; i++) {
        const inRequest = await open(broker)
        const request = fetchRequest(i)
        inRequest.write(request.subarray(0, 1 + (i * 7) % (request.length - 1)))
        await turn()
        inRequest.resetAndDestroy()

        const inAnswer = await open(broker)
        inAnswer.write(request)
        await new Promise((resolve) => inAnswer.once("data", resolve))
        inAnswer.resetAndDestroy()
      }
    }))
})
