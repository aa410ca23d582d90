import { Effect } from "effect"
import { LogDirectory } from "../../src/log/LogDirectory.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { appendAll, appendMarker, contentOf, openLog, overwrite, producersOf, readAll } from "./logTestKit.ts"

export const LOG = "orders-0/00000000000000000000.log"
export const MARKER = ".kafka_cleanshutdown"

export const removeMarker = Effect.flatMap(LogFiles, (files) => files.remove(MARKER))

/** Text long enough that a few batches pass an index interval. */
export const kilobyte = "k".repeat(1000)

export const transactional = (producerId: number, baseSequence: number, values: ReadonlyArray<string>) => ({
  values,
  producerId,
  producerEpoch: 0,
  baseSequence,
  isTransactional: true
})

export const crashNext = Effect.gen(function*() {
  const log = yield* Effect.exit(openLog())
  // A log that stays open beyond its store is what a killed broker leaves: no marker is written.
  const directory = yield* LogDirectory
  if (log._tag === "Success") yield* log.value.close
  directory.noteOpened("orders-0")
  directory.noteRecoveryPoint("orders-0", 0)
})

/** Removes what a clean stop writes, so that the next start checks everything from the beginning. */
export const markUnclean = Effect.gen(function*() {
  const files = yield* LogFiles
  yield* files.remove(MARKER)
  yield* files.remove("recovery-point-offset-checkpoint")
})

export const writeHistory = Effect.fnUntraced(function*(log: Effect.Success<ReturnType<typeof openLog>>) {
  yield* appendAll(log, [
    { values: [kilobyte], timestamp: 1000 },
    ...[0, 1, 2, 3, 4, 5, 6].map((sequence) => ({
      values: [kilobyte],
      producerId: 10,
      producerEpoch: 1,
      baseSequence: sequence,
      timestamp: 1003 + sequence
    })),
    transactional(20, 0, ["a", kilobyte]),
    transactional(30, 0, [kilobyte])
  ])
  yield* appendMarker(log, "Abort", 20)
  yield* appendAll(log, [{ values: [kilobyte], codec: "lz4" }, transactional(20, 2, ["b"]), { values: [kilobyte] }])
  yield* appendMarker(log, "Commit", 20)
})

export const stateOf = Effect.fnUntraced(function*(log: Effect.Success<ReturnType<typeof openLog>>) {
  return {
    bytes: yield* readAll(log),
    start: log.logStartOffset,
    end: log.logEndOffset,
    durable: log.durableEndOffset === log.logEndOffset || log.durableEndOffset === 0,
    size: log.sizeBytes,
    epoch: log.latestEpoch,
    producers: producersOf(log),
    undecided: log.producers.firstUndecidedOffset,
    aborted: yield* log.abortedTransactions(0, Infinity),
    timestamp: yield* log.offsetForTimestamp(1005),
    maxTimestamp: yield* log.maxTimestamp
  }
})

/** What a snapshot keeps of producers: the last batch, without its own timestamp. */
export const asSaved = (producers: ReturnType<typeof producersOf>) =>
  producers.map((entry) => ({
    ...entry,
    batches: entry.batches.slice(-1).map((batch) => ({ ...batch, timestamp: 0 }))
  }))

/** Content of every file below the log directory by path. */
export const allFiles = Effect.gen(function*() {
  const files = yield* LogFiles
  const contents: Record<string, Uint8Array> = {}
  for (const { name } of yield* files.list("orders-0")) {
    contents[`orders-0/${name}`] = yield* contentOf(`orders-0/${name}`)
  }
  return contents
})

/** The `.log` files only: all that a crash is sure to leave. */
export const logFilesOf = Effect.map(
  allFiles,
  (contents) => Object.entries(contents).filter(([path]) => path.endsWith(".log"))
)

/** Makes the directory what a crash right after the given moment leaves, without any index, snapshot or checkpoint. */
export const restoreAsCrashed = Effect.fnUntraced(function*(contents: ReadonlyArray<readonly [string, Uint8Array]>) {
  const files = yield* LogFiles
  for (const { name } of yield* files.list("orders-0")) {
    if (name !== "partition.metadata") yield* files.remove(`orders-0/${name}`)
  }
  for (const [path, bytes] of contents) yield* overwrite(path, bytes)
  const directory = yield* LogDirectory
  directory.noteOpened("orders-0")
  directory.noteRecoveryPoint("orders-0", 0)
})
