import { KafkaBroker } from "@kafka-broker/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import { BufferPool, SharedBufferPool } from "../../core/src/actors/connection/BufferPool.ts"
import { Uuid } from "../../core/src/model/Uuid.ts"
import { Fetch } from "../../core/src/protocol/apis/Fetch.ts"
import { Produce } from "../../core/src/protocol/apis/Produce.ts"
import { decodeResponse, encodeRequest } from "../../core/src/protocol/Frame.ts"
import { FrameSplitter } from "../../core/src/protocol/FrameSplitter.ts"
import { buildBatch } from "../../core/src/protocol/records/RecordBatchBuilder.ts"
import { NodeKafkaBroker } from "../src/NodeKafkaBroker.ts"

const poison = 0xdb
const topic = "pooled"
const partitions = 4
const connections = 4
const requests = 40

/** Overwrites every buffer as soon as it is given back. */
class PoisoningPool extends BufferPool {
  releases = 0

  protected override released(buffer: ArrayBuffer): void {
    this.releases++
    new Uint8Array(buffer).fill(poison)
  }
}

/** A value that tells whose it is in every byte; sizes lie on both sides of each threshold. */
const valueOf = (connection: number, request: number): Uint8Array =>
  new Uint8Array(9_000 + ((request * 7_919 + connection * 31_337) % 300_000)).fill(
    (connection * requests + request) % 199
  )

const frameOf = (connection: number, request: number): ReadonlyArray<Uint8Array> =>
  encodeRequest(Produce, 9, { correlationId: request, clientId: "c" }, {
    acks: [1, -1, 0][request % 3]!,
    timeoutMs: 30_000,
    topicData: [{
      name: topic,
      topicId: Uuid.zero,
      partitionData: [{
        index: (connection + request) % partitions,
        records: buildBatch([{
          key: new TextEncoder().encode(`${connection}-${request}`),
          value: valueOf(connection, request),
          timestamp: 1_000
        }])
      }]
    }]
  })

/** Sends all requests of a connection at once and waits for the answers; returns their sizes and bytes. */
const produceAll = (broker: KafkaBroker["Service"], connection: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    // Requests with acks 0 are not answered; the last one is.
    const last = requests - 1 - (requests - 1) % 3
    const socket = Net.connect({ host: broker.host, port: broker.port, noDelay: true })
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk])
      for (let at = 0; at + 8 <= received.length; at += 4 + received.readInt32BE(at)) {
        if (received.readInt32BE(at + 4) === last && received.length >= at + 4 + received.readInt32BE(at)) {
          socket.destroy()
          resolve(received)
        }
      }
    })
    for (let request = 0; request <= last; request++) {
      for (const chunk of frameOf(connection, request)) socket.write(chunk)
    }
  })

const isPoisoned = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.alloc(64, poison))

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "buffer-pool-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
)

const startBroker = Effect.fnUntraced(function*(pool: PoisoningPool, directory: string) {
  const layer = NodeKafkaBroker.layer({ port: 0, dataDir: directory, numPartitions: partitions }).pipe(
    Layer.provide(Layer.succeed(SharedBufferPool, pool))
  )
  return Context.get(yield* Layer.build(layer), KafkaBroker)
})

/** All connections send what they have at once; returns their answers. */
const fill = Effect.fnUntraced(function*(broker: KafkaBroker["Service"]) {
  yield* broker.client.createTopics([{ name: topic, partitions }])
  return yield* Effect.promise(() =>
    Promise.all(Array.from({ length: connections }, (_, connection) => produceAll(broker, connection)))
  )
})

const fetchedBytesMax = 700_000

const fetchFrame = (correlationId: number): ReadonlyArray<Uint8Array> =>
  encodeRequest(Fetch, 12, { correlationId, clientId: "c" }, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: partitions * fetchedBytesMax,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{
      topic,
      topicId: Uuid.zero,
      partitions: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: 0,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: fetchedBytesMax
      }))
    }],
    forgottenTopicsData: [],
    rackId: ""
  })

/** Fetches all partitions some times at once; what it reads piles up in the broker before it is taken. */
const fetchAll = (broker: KafkaBroker["Service"], fetches: number): Promise<ReadonlyArray<ReadonlyArray<Uint8Array>>> =>
  new Promise((resolve, reject) => {
    const splitter = new FrameSplitter(2 * partitions * fetchedBytesMax, () => true)
    const answers: Array<ReadonlyArray<Uint8Array>> = []
    const socket = Net.connect({ host: broker.host, port: broker.port })
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      splitter.push(chunk)
      while (splitter.check() === "Complete") {
        const { body } = decodeResponse(Fetch, 12, splitter.take())
        answers.push(body.responses[0]!.partitions.map(({ records }) => records!))
      }
      if (answers.length < fetches) return
      socket.destroy()
      resolve(answers)
    })
    for (let id = 0; id < fetches; id++) for (const chunk of fetchFrame(id)) socket.write(chunk)
  })

describe("pooled buffers", { timeout: 30_000 }, () => {
  it.live("are not looked at once they are given back: no byte of theirs is in an answer, in the log or in a read", () =>
    Effect.scoped(Effect.gen(function*() {
      const pool = new PoisoningPool()
      const directory = yield* temporaryDirectory
      const broker = yield* startBroker(pool, directory)
      const answers = yield* fill(broker)
      for (const answer of answers) assert.isFalse(isPoisoned(answer))
      assert.isAbove(pool.releases, connections * requests / 2)
      const records = yield* broker.client.records(topic)
      const last = requests - 1 - (requests - 1) % 3
      assert.strictEqual(records.length, connections * (last + 1))
      for (const { key, value } of records) {
        const [connection, request] = new TextDecoder().decode(key!).split("-").map(Number)
        assert.isTrue(Buffer.from(value!).equals(valueOf(connection!, request!)))
      }
      for (let partition = 0; partition < partitions; partition++) {
        const log = Fs.readFileSync(Path.join(directory, `${topic}-${partition}`, "00000000000000000000.log"))
        assert.isFalse(isPoisoned(log))
      }
    })))

  it.live("hold what was stored until the answer is written, however slowly the reader takes it", () =>
    Effect.scoped(Effect.gen(function*() {
      const pool = new PoisoningPool()
      const directory = yield* temporaryDirectory
      yield* Effect.scoped(Effect.flatMap(startBroker(pool, directory), fill))
      // One that has just started has nothing in memory.
      const broker = yield* startBroker(pool, directory)
      const releases = pool.releases
      const readers = yield* Effect.promise(() =>
        Promise.all(Array.from({ length: connections }, () => fetchAll(broker, 8)))
      )
      assert.isAbove(pool.releases, releases + 2 * partitions)
      for (let partition = 0; partition < partitions; partition++) {
        const log = Fs.readFileSync(Path.join(directory, `${topic}-${partition}`, "00000000000000000000.log"))
        for (const answers of readers) {
          for (const answer of answers) {
            const records = answer[partition]!
            assert.isAbove(records.length, fetchedBytesMax / 2)
            assert.isTrue(log.subarray(0, records.length).equals(records))
          }
        }
      }
    })))
})
