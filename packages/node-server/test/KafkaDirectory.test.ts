import { LogDirectory } from "@kafka-broker/core/tools"
import { Compression, LogFiles } from "@kafka-broker/core/seams"
import { FileLogStore } from "../../core/src/log/FileLogStore.ts"
import { LogStore } from "../../core/src/log/LogStore.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { config, producersOf, readAll } from "../../core/test/log/logTestKit.ts"
import { decodeProducerSnapshot } from "../../core/src/log/ProducerSnapshot.ts"
import { decompressPayload } from "../../core/src/protocol/records/Compression.ts"
import * as RecordBatch from "../../core/src/protocol/records/RecordBatch.ts"
import { RecordCursor } from "../../core/src/protocol/records/RecordCursor.ts"
import * as NodeCompression from "../src/NodeCompression.ts"
import { NodeLogFiles } from "../src/NodeLogFiles.ts"

const fixture = Path.join(import.meta.dirname, "fixtures", "kafka-4.3.1")
const clusterId = "4L6g3nShT-eMCtK--X86sw"
const partition = "fixture-0"

/** A copy of the fixture that may be written to. */
const copyOfFixture = Effect.acquireRelease(
  Effect.sync(() => {
    const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-directory-"))
    Fs.cpSync(fixture, directory, { recursive: true })
    return directory
  }),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

const fixtureTopicId = (directory: string): string =>
  Fs.readFileSync(Path.join(directory, partition, "partition.metadata"), "utf8").split("topic_id: ")[1]!

const withStore = <A, E>(
  directory: string,
  use: Effect.Effect<A, E, LogStore | LogDirectory | LogFiles | Compression>
) => {
  const layer = FileLogStore.layer().pipe(
    Layer.provideMerge(LogDirectory.layer({ nodeId: 1, clusterId })),
    Layer.provideMerge(NodeLogFiles.layer(directory)),
    Layer.provideMerge(NodeCompression.layer)
  )
  return Effect.scoped(Effect.provide(use, layer, { local: true }))
}

const openFixture = (directory: string) =>
  Effect.flatMap(LogStore, (store) =>
    store.open({
      topicPartition: { topic: "fixture", partition: 0 },
      topicId: fixtureTopicId(directory),
      leaderEpoch: 3,
      config: { ...config, indexIntervalBytes: 512, segmentMs: 1000 }
    }))

const check = <E>(promise: string, body: (directory: string) => Effect.Effect<void, E>) =>
  it.effect(promise, () => Effect.scoped(Effect.flatMap(copyOfFixture, body)))

const filesOf = (directory: string, pattern: RegExp): Record<string, Uint8Array> =>
  Object.fromEntries(
    Fs.readdirSync(Path.join(directory, partition)).filter((name) => pattern.test(name)).map((name) => [
      name,
      new Uint8Array(Fs.readFileSync(Path.join(directory, partition, name)))
    ])
  )

const indexNames = /\.(index|timeindex|txnindex)$/

const crash = (directory: string): void => {
  Fs.rmSync(Path.join(directory, ".kafka_cleanshutdown"))
  Fs.rmSync(Path.join(directory, "recovery-point-offset-checkpoint"))
}

describe("a log directory of Apache Kafka 4.3.1", () => {
  check(
    "opens after a clean stop with every record of every codec",
    (directory) =>
      withStore(
        directory,
        Effect.gen(function*() {
          const codecs = yield* Compression
          const log = yield* openFixture(directory)
          assert.deepStrictEqual([log.logStartOffset, log.logEndOffset, log.latestEpoch], [0, 348, 0])
          const bytes = yield* readAll(log)
          const seen = new Set<number>()
          const values: Array<string> = []
          for (let at = 0, size; (size = RecordBatch.nextBatchSize(bytes, at, bytes.length)) > 0; at += size) {
            assert.isTrue(RecordBatch.isCrcValid(bytes, at))
            if (RecordBatch.isControl(bytes, at)) continue
            seen.add(RecordBatch.codecId(bytes, at))
            const cursor = new RecordCursor(bytes, at, decompressPayload(codecs, bytes, at, 1_000_000))
            while (cursor.next()) values.push(new TextDecoder().decode(cursor.value!))
            assert.strictEqual(cursor.error, undefined)
          }
          assert.deepStrictEqual([...seen].toSorted((a, b) => a - b), [0, 1, 2, 3, 4])
          const written = ["none", "gzip", "snappy", "lz4", "zstd"].flatMap((codec, round) =>
            Array.from({ length: 60 }, (_, i) => `${codec}-${round * 60 + i}${"-".repeat(40)}`)
          )
          assert.deepStrictEqual(values.slice(0, 300), written)
          assert.strictEqual(values.length, 340)
          assert.strictEqual((yield* log.abortedTransactions(0, 348)).length, 2)
          assert.deepStrictEqual(yield* log.offsetForTimestamp(1_700_000_000_130 + 1400), {
            timestamp: 1_700_000_001_530,
            offset: 130,
            leaderEpoch: 0
          })
          assert.strictEqual((yield* log.maxTimestamp)?.offset, log.logEndOffset - 1)
        })
      )
  )

  check("recovery after an unclean stop makes the indexes that Kafka made", (directory) =>
    Effect.gen(function*() {
      const before = filesOf(directory, indexNames)
      crash(directory)
      for (const name of Object.keys(before)) {
        // What a running Kafka has preallocated is still there after it was killed.
        if (/\.(time)?index$/.test(name)) Fs.truncateSync(Path.join(directory, partition, name), 4800)
      }
      yield* withStore(directory, openFixture(directory))
      assert.deepStrictEqual(filesOf(directory, indexNames), before)
    }))

  check("replaying its batches gives the producers of its snapshots", (directory) =>
    Effect.gen(function*() {
      const snapshot = decodeProducerSnapshot(filesOf(directory, /0310\.snapshot$/)["00000000000000000310.snapshot"]!)!
      assert.strictEqual(snapshot.length, 7)
      crash(directory)
      for (const name of Object.keys(filesOf(directory, /snapshot$/))) Fs.rmSync(Path.join(directory, partition, name))
      // What was appended up to the snapshot is the segments before it.
      for (const name of Object.keys(filesOf(directory, /0310\./))) Fs.rmSync(Path.join(directory, partition, name))
      const producers = yield* withStore(directory, Effect.map(openFixture(directory), producersOf))
      assert.deepStrictEqual(
        producers.map((
          entry
        ) => [
          entry.producerId,
          entry.producerEpoch,
          entry.coordinatorEpoch,
          entry.lastTimestamp,
          entry.transactionFirstOffset,
          entry.batches.at(-1)?.lastOffset ?? -1,
          entry.batches.at(-1)?.lastSequence ?? -1
        ]),
        snapshot.toSorted((a, b) => a.producerId - b.producerId).map((
          entry
        ) => [
          entry.producerId,
          entry.producerEpoch,
          entry.coordinatorEpoch,
          entry.lastTimestamp,
          entry.transactionFirstOffset,
          entry.lastOffset,
          entry.lastSequence
        ])
      )
    }))

  check("is refused to another node and another cluster, by name", (directory) =>
    Effect.gen(function*() {
      const open = (options: { nodeId: number; clusterId?: string }) =>
        Effect.scoped(
          Effect.provide(LogDirectory, LogDirectory.layer(options).pipe(Layer.provide(NodeLogFiles.layer(directory))))
        )
      const other = yield* Effect.flip(open({ nodeId: 2 }))
      assert.strictEqual(other.reason, "Foreign")
      assert.include(other.message, "node 1")
      assert.include((yield* Effect.flip(open({ nodeId: 1, clusterId: "AAAAAAAAAAAAAAAAAAAAAg" }))).message, clusterId)
      assert.strictEqual((yield* open({ nodeId: 1 })).clusterId, clusterId)
    }))

  check("keeps a second broker out while it is open", (directory) =>
    withStore(
      directory,
      Effect.gen(function*() {
        const second = LogDirectory.layer({ nodeId: 1 }).pipe(Layer.provide(NodeLogFiles.layer(directory)))
        const error = yield* Effect.flip(Effect.scoped(Effect.provide(LogDirectory, second, { local: true })))
        assert.strictEqual(error.reason, "Locked")
      })
    ))

  check(
    "gets its marker back after a clean stop, and not when a log was not closed cleanly",
    (directory) =>
      Effect.gen(function*() {
        const marker = Path.join(directory, ".kafka_cleanshutdown")
        yield* withStore(
          directory,
          Effect.gen(function*() {
            yield* openFixture(directory)
            assert.isFalse(Fs.existsSync(marker))
          })
        )
        assert.isTrue(Fs.existsSync(marker))
        crash(directory)
        yield* withStore(directory, LogStore)
        assert.isFalse(Fs.existsSync(marker))
        const text = Fs.readFileSync(Path.join(directory, "replication-offset-checkpoint"), "utf8")
        assert.include(text, "fixture 0 348\n")
      })
  )
})
