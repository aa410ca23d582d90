import { assert, describe, it } from "@effect/vitest"
import { LogFiles, type LogFilesError } from "@kafka-broker/core/seams"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { logFilesContract } from "../../../core/test/log/logFilesContract.ts"
import { makeSimDisk, type SimDisk } from "../../src/simulation/SimDisk.ts"
import { Prng } from "../fuzz/Prng.ts"

const randomOf = (seed: number) => {
  const prng = new Prng(seed, 0)
  return { next: () => prng.below(2 ** 32) / 2 ** 32 }
}

/** What a number of seeds show, each with a disk of its own. */
const seen = Effect.fnUntraced(function*<A, E>(
  use: (files: LogFiles["Service"], disk: SimDisk) => Effect.Effect<A, E>,
  seeds = 200
) {
  const results: Array<A> = []
  for (let seed = 1; seed <= seeds; seed++) {
    const disk = makeSimDisk({ random: randomOf(seed) })
    results.push(yield* Effect.provide(Effect.flatMap(LogFiles, (files) => use(files, disk)), disk.layer))
  }
  return results
})

const bytesOf = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)

/** Makes a file whose name and first content are on stable storage. */
const syncedFile = Effect.fnUntraced(function*(files: LogFiles["Service"], path: string, bytes: Uint8Array) {
  const file = yield* files.open(path, { create: true })
  yield* file.append([bytes])
  yield* file.sync
  yield* files.syncDirectory(path.slice(0, Math.max(0, path.lastIndexOf("/"))))
  return file
})

const contentOf = Effect.fnUntraced(function*(files: LogFiles["Service"], path: string) {
  const file = yield* files.open(path, { create: false })
  return yield* Effect.ensuring(file.readAt(0, file.sizeBytes), file.close)
})

const namesIn = (files: LogFiles["Service"], path: string) =>
  Effect.map(files.list(path), (entries) => entries.map(({ name }) => name).toSorted().join(" "))

logFilesContract("SimDisk", Effect.sync(() => makeSimDisk({ random: randomOf(1) }).layer))

describe("a crash of a simulated disk", () => {
  it.effect("keeps every byte and name that was synced", () =>
    Effect.gen(function*() {
      const contents = yield* seen(Effect.fnUntraced(function*(files, disk) {
        yield* files.makeDirectory("a")
        yield* files.syncDirectory("")
        const file = yield* syncedFile(files, "a/x", bytesOf(700, 1))
        yield* file.append([bytesOf(2000, 2)])
        disk.crash()
        return (yield* contentOf(files, "a/x")).subarray(0, 700)
      }))
      for (const content of contents) assert.deepStrictEqual(content, bytesOf(700, 1))
    }))

  it.effect("keeps, loses, tears, zeroes or replaces what was not synced, sector by sector", () =>
    Effect.gen(function*() {
      const lengths = new Set<number>()
      const kinds = new Set<string>()
      const contents = yield* seen(Effect.fnUntraced(function*(files, disk) {
        const file = yield* syncedFile(files, "x", bytesOf(512, 1))
        yield* file.append([bytesOf(512, 2)])
        yield* file.append([bytesOf(512, 3)])
        disk.crash()
        return yield* contentOf(files, "x")
      }))
      for (const content of contents) {
        lengths.add(content.length)
        const second = content.subarray(512, 1024)
        const third = content.subarray(1024)
        const kindOf = (bytes: Uint8Array, byte: number): string => {
          if (bytes.length === 0) return "none"
          if (bytes.every((each) => each === byte)) return bytes.length < 512 ? "torn" : "kept"
          if (bytes.every((each) => each === 0)) return "zero"
          return new Set(bytes).size > 100 ? "garbage" : "mixed"
        }
        kinds.add(`${kindOf(second, 2)} ${kindOf(third, 3)}`)
      }
      for (
        const kind of ["kept kept", "none none", "kept none", "zero kept", "garbage kept", "kept zero", "kept garbage"]
      ) {
        assert.isTrue(kinds.has(kind), kind)
      }
      assert.isTrue([...kinds].some((kind) => kind.startsWith("torn")))
      assert.isTrue(lengths.has(512) && lengths.has(1024) && lengths.has(1536))
    }))

  it.effect("keeps or loses each name by itself, whatever became of the content", () =>
    Effect.gen(function*() {
      const found = new Set(
        yield* seen(Effect.fnUntraced(function*(files, disk) {
          yield* syncedFile(files, "old", bytesOf(1, 1))
          yield* syncedFile(files, "gone", bytesOf(1, 1))
          yield* (yield* files.open("new", { create: true })).sync
          yield* files.rename("old", "renamed")
          yield* files.remove("gone")
          disk.crash()
          return yield* namesIn(files, "")
        }))
      )
      assert.deepStrictEqual(
        [...found].toSorted(),
        ["gone new old", "gone new renamed", "gone old", "gone renamed", "new old", "new renamed", "old", "renamed"]
      )
    }))

  it.effect("cannot take a name or a removal away once its directory was synced", () =>
    Effect.gen(function*() {
      const found = new Set(
        yield* seen(Effect.fnUntraced(function*(files, disk) {
          yield* syncedFile(files, "old", bytesOf(1, 1))
          yield* files.rename("old", "renamed")
          yield* files.makeDirectory("d/e")
          yield* files.syncDirectory("")
          disk.crash()
          return yield* namesIn(files, "")
        }))
      )
      assert.deepStrictEqual([...found], ["d renamed"])
    }))

  it.effect("may bring back what a truncation cut off, until the next sync", () =>
    Effect.gen(function*() {
      for (const [isSynced, sizes] of [[false, [3, 9]], [true, [3]]] as const) {
        const found = new Set(
          yield* seen(Effect.fnUntraced(function*(files, disk) {
            const file = yield* syncedFile(files, "x", bytesOf(9, 1))
            yield* file.truncate(3)
            if (isSynced) yield* file.sync
            disk.crash()
            return (yield* contentOf(files, "x")).length
          }))
        )
        assert.deepStrictEqual([...found].toSorted((one, other) => one - other), [...sizes])
      }
    }))

  it.effect("ends handles and locks; a killed process loses nothing", () =>
    Effect.gen(function*() {
      yield* seen(
        Effect.fnUntraced(function*(files, disk) {
          const file = yield* files.open("x", { create: true })
          yield* file.append([bytesOf(5, 1)])
          disk.volume.locks.set(".lock", {})
          disk.kill()
          assert.strictEqual(disk.volume.locks.size, 0)
          assert.strictEqual((yield* Effect.flip(file.append([bytesOf(1, 1)]))).reason, "Io")
          assert.isFalse(file.appendNow!([bytesOf(1, 1)]))
          assert.deepStrictEqual(yield* contentOf(files, "x"), bytesOf(5, 1))
        }),
        1
      )
    }))

  it.effect("is the same for the same numbers", () =>
    Effect.gen(function*() {
      const once = seen(
        Effect.fnUntraced(function*(files, disk) {
          const file = yield* syncedFile(files, "x", bytesOf(100, 1))
          for (let i = 0; i < 8; i++) yield* file.append([bytesOf(300, i)])
          disk.crash()
          return yield* contentOf(files, "x")
        }),
        20
      )
      assert.deepStrictEqual(yield* once, yield* once)
    }))

  it.effect("may flip a stored bit", () =>
    Effect.gen(function*() {
      yield* seen(
        Effect.fnUntraced(function*(files, disk) {
          yield* syncedFile(files, "x", bytesOf(100, 0))
          disk.faults.rottenCrashes = 1
          disk.crash()
          const bits = (yield* contentOf(files, "x")).reduce(
            (sum, byte) => sum + byte.toString(2).replaceAll("0", "").length,
            0
          )
          assert.strictEqual(bits, 1)
        }),
        10
      )
    }))
})

describe("a simulated disk that fails", () => {
  it.effect("a failed append leaves any prefix in the file, over which the next one writes", () =>
    Effect.gen(function*() {
      const prefixes = new Set(
        yield* seen(Effect.fnUntraced(function*(files, disk) {
          const file = yield* syncedFile(files, "x", bytesOf(2, 1))
          disk.faults.failedWrites = 1
          assert.isFalse(file.appendNow!([bytesOf(2, 2), bytesOf(2, 2)]))
          assert.strictEqual((yield* Effect.flip(file.append([bytesOf(2, 2), bytesOf(2, 2)]))).reason, "Io")
          assert.strictEqual(file.sizeBytes, 2)
          const stored = (yield* contentOf(files, "x")).length
          disk.faults.failedWrites = 0
          yield* file.append([bytesOf(1, 3)])
          assert.deepStrictEqual((yield* contentOf(files, "x")).subarray(0, 3), Uint8Array.of(1, 1, 3))
          return stored
        }))
      )
      assert.deepStrictEqual([...prefixes].toSorted((one, other) => one - other), [2, 3, 4, 5])
    }))

  it.effect("a short write goes on; `appendNow` leaves it to `append`", () =>
    Effect.gen(function*() {
      yield* seen(
        Effect.fnUntraced(function*(files, disk) {
          disk.faults.shortWrites = 1
          const file = yield* files.open("x", { create: true })
          assert.isFalse(file.appendNow!([bytesOf(40, 2)]))
          yield* file.append([bytesOf(40, 2)])
          assert.deepStrictEqual(yield* contentOf(files, "x"), bytesOf(40, 2))
        }),
        10
      )
    }))

  it.effect("reads, opens, listings and changes of names fail when they are to", () =>
    Effect.gen(function*() {
      yield* seen(
        Effect.fnUntraced(function*(files, disk) {
          const { faults } = disk
          const file = yield* syncedFile(files, "x", bytesOf(4, 1))
          faults.failedReads = 1
          faults.failedOpens = 1
          faults.failedLists = 1
          faults.failedWrites = 1
          const operations: ReadonlyArray<Effect.Effect<unknown, LogFilesError>> = [
            file.readAt(0, 4),
            file.truncate(0),
            files.sizeOf("x"),
            files.open("x", { create: false }),
            files.list(""),
            files.rename("x", "y"),
            files.remove("x"),
            files.makeDirectory("d")
          ]
          for (const operation of operations) assert.strictEqual((yield* Effect.flip(operation)).reason, "Io")
          assert.deepStrictEqual([...disk.volume.files.keys(), ...disk.volume.directories], ["x", ""])
          assert.strictEqual(file.sizeBytes, 4)
        }),
        1
      )
    }))

  it.effect("what a failed sync was to cover may be lost, whatever later syncs say", () =>
    Effect.gen(function*() {
      const sizes = new Set(
        yield* seen(Effect.fnUntraced(function*(files, disk) {
          const file = yield* syncedFile(files, "x", bytesOf(1, 1))
          yield* file.append([bytesOf(1, 2)])
          disk.faults.failedSyncs = 1
          assert.strictEqual((yield* Effect.flip(file.sync)).reason, "Io")
          disk.faults.failedSyncs = 0
          yield* file.sync
          disk.crash()
          return (yield* contentOf(files, "x")).length
        }))
      )
      assert.deepStrictEqual([...sizes].toSorted((one, other) => one - other), [1, 2])
    }))

  it.effect("a full volume takes what fits and fails with NoSpace", () =>
    Effect.gen(function*() {
      const disk = makeSimDisk({ random: randomOf(1), capacityBytes: 10 })
      yield* Effect.provide(
        Effect.gen(function*() {
          const files = yield* LogFiles
          const file = yield* files.open("x", { create: true })
          yield* file.append([bytesOf(6, 1)])
          assert.isFalse(file.appendNow!([bytesOf(5, 2)]))
          assert.strictEqual((yield* Effect.flip(file.append([bytesOf(5, 2)]))).reason, "NoSpace")
          assert.strictEqual(yield* files.sizeOf("x"), 10)
          yield* file.truncate(6)
          yield* file.append([bytesOf(4, 3)])
          assert.deepStrictEqual((yield* contentOf(files, "x")).subarray(5), Uint8Array.of(1, 3, 3, 3, 3))
        }),
        disk.layer
      )
    }))

  it.effect("a sync takes its time and covers what was there when it began; a close waits for it", () =>
    Effect.gen(function*() {
      const sizes = new Set(
        yield* seen(Effect.fnUntraced(function*(files, disk) {
          const file = yield* syncedFile(files, "x", bytesOf(1, 1))
          disk.faults.syncMsMax = 1_000
          const sync = yield* Effect.forkChild(file.sync, { startImmediately: true })
          yield* file.append([bytesOf(1, 2)])
          const close = yield* Effect.forkChild(file.close, { startImmediately: true })
          yield* Effect.yieldNow
          assert.isUndefined(sync.pollUnsafe())
          assert.isUndefined(close.pollUnsafe())
          yield* TestClock.adjust(1_000)
          yield* Fiber.join(sync)
          yield* Fiber.join(close)
          disk.crash()
          return (yield* contentOf(files, "x")).length
        }))
      )
      assert.deepStrictEqual([...sizes].toSorted((one, other) => one - other), [1, 2])
    }))

  it.effect("an operation that is under way at a crash fails, and is not done", () =>
    Effect.gen(function*() {
      yield* seen(
        Effect.fnUntraced(function*(files, disk) {
          const file = yield* syncedFile(files, "x", bytesOf(1, 1))
          disk.faults.latencyMsMax = 1_000
          const append = yield* Effect.forkChild(Effect.flip(file.append([bytesOf(50, 2)])), { startImmediately: true })
          const removal = yield* Effect.forkChild(Effect.flip(files.remove("x")), { startImmediately: true })
          disk.crash()
          disk.faults.latencyMsMax = 0
          yield* TestClock.adjust(1_000)
          assert.strictEqual((yield* Fiber.join(append)).reason, "Io")
          assert.strictEqual((yield* Fiber.join(removal)).reason, "Io")
          assert.deepStrictEqual(yield* contentOf(files, "x"), bytesOf(1, 1))
        }),
        5
      )
    }))
})
