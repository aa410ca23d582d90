import { Effect, Layer, Queue } from "effect"
import {
  type AppendOptions,
  type PartitionLeader,
  PartitionLeaders
} from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { FileLogStore } from "../../../src/log/FileLogStore.ts"
import { LogDirectory } from "../../../src/log/LogDirectory.ts"
import { LeadershipChanges } from "../../../src/metadata/LeadershipChanges.ts"
import type { TopicImage } from "../../../src/metadata/MetadataImage.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { Compression } from "../../../src/seams/Compression.ts"
import { type LogFile, LogFiles, LogFilesError } from "../../../src/seams/LogFiles.ts"
import { makeMemoryLogFiles, makeMemoryVolume } from "../../../src/seams/MemoryLogFiles.ts"
import { Tick } from "../../../src/seams/Tick.ts"
import { microtaskTick } from "../../support/microtaskTick.ts"
import { imageOf, leaderOf, testCodecs } from "./testLeaders.ts"

/** A sync that a test completes. */
export interface HeldSync {
  readonly path: string
  readonly succeed: () => void
  readonly fail: () => void
}

/** Files in memory whose `.log` files sync when the test says so. */
export interface HeldSyncs {
  /** The next sync that began and that nobody took. */
  readonly next: Effect.Effect<HeldSync>
  /** Paths of all syncs that began, in order. */
  readonly begun: ReadonlyArray<string>
  readonly layer: Layer.Layer<LogFiles>
  /** Completes all syncs that are held, and all that begin from now on. */
  readonly release: Effect.Effect<void>
}

export const makeHeldSyncs = Effect.gen(function*() {
  const held = yield* Queue.unbounded<HeldSync>()
  const begun: Array<string> = []
  let isHolding = true
  const files = makeMemoryLogFiles(makeMemoryVolume())
  const syncOf = (path: string): Effect.Effect<void, LogFilesError> =>
    Effect.callback((resume) => {
      begun.push(path)
      if (!isHolding) return resume(Effect.void)
      Queue.offerUnsafe(held, {
        path,
        succeed: () => resume(Effect.void),
        fail: () => resume(Effect.fail(new LogFilesError({ operation: "sync", path, reason: "Io", message: "EIO" })))
      })
    })
  const wrap = (file: LogFile): LogFile => ({
    path: file.path,
    get sizeBytes() {
      return file.sizeBytes
    },
    append: (chunks) => file.append(chunks),
    ...(file.appendNow === undefined ? {} : { appendNow: file.appendNow.bind(file) }),
    sync: syncOf(file.path),
    readAt: (position, lengthBytes) => file.readAt(position, lengthBytes),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    close: file.close
  })
  const syncs: HeldSyncs = {
    next: Queue.take(held),
    begun,
    layer: Layer.succeed(LogFiles, {
      ...files,
      open: (path, options) =>
        Effect.map(files.open(path, options), (file) => path.endsWith(".log") ? wrap(file) : file)
    }),
    release: Effect.suspend(() => {
      isHolding = false
      return Effect.map(Queue.clear(held), (all) => {
        for (const sync of all) sync.succeed()
      })
    })
  }
  return syncs
})

/** Partition leaders of a broker with these settings. */
export const leadersOn = (
  files: Layer.Layer<LogFiles>,
  properties: Readonly<Record<string, string>> = {},
  tick: Layer.Layer<Tick> = microtaskTick
) => {
  const codecs = Layer.succeed(Compression, testCodecs)
  const store = FileLogStore.layer().pipe(
    Layer.provide(LogDirectory.layer({ nodeId: 1 })),
    Layer.provide(files),
    Layer.provide(codecs)
  )
  return PartitionLeaders.layer.pipe(
    Layer.provide(Layer.mergeAll(store, codecs, Layer.orDie(BrokerConfig.layer(properties)), tick))
  )
}

/** Begins to lead what the topic's image gives to broker 1. */
export const lead = Effect.fnUntraced(function*(topic: TopicImage) {
  const changes = yield* LeadershipChanges
  yield* changes.apply(imageOf(), imageOf(topic), [{ before: undefined, after: topic }])
  return yield* leaderOf(topic.name)
})

/** Notes every answer as `name:error code@base offset`, in the order in which they come. */
export class Answers {
  readonly all: Array<string> = []
  private readonly waiting = new Map<string, () => void>()

  /** Appends one batch; the answer is noted under `name`. */
  send(
    leader: PartitionLeader,
    name: string,
    batch: Uint8Array,
    options: Partial<AppendOptions> = {}
  ): void {
    leader.append(batch, { acks: -1, timeoutMs: 30_000, origin: "Client", ...options }, (result) => {
      this.all.push(
        result.errorCode === ErrorCode.NONE ? `${name}@${result.baseOffset}` : `${name}:${result.errorCode}`
      )
      this.waiting.get(name)?.()
    })
  }

  /** Waits for the answer to `name`. */
  of(name: string): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.all.some((answer) => answer.startsWith(`${name}@`) || answer.startsWith(`${name}:`))) {
        return resume(Effect.void)
      }
      this.waiting.set(name, () => resume(Effect.void))
    })
  }
}
