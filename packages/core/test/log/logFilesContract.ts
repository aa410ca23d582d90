import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import type { LogFilesError } from "../../src/seams/LogFiles.ts"

const bytesOf = (length: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff
  return bytes
}

const reasonOf = <A, R>(effect: Effect.Effect<A, LogFilesError, R>) =>
  Effect.match(effect, { onFailure: (error) => error.reason, onSuccess: () => "success" })

/**
 * What every implementation of `LogFiles` promises. `make` gives the layer of an empty directory; each time the layer is
 * built it shows the same content, as to another process.
 */
export const logFilesContract = (
  name: string,
  make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>
): void => {
  const check = (
    promise: string,
    body: (again: Layer.Layer<LogFiles>) => Effect.Effect<void, LogFilesError, LogFiles>
  ) =>
    it.effect(promise, () =>
      Effect.scoped(Effect.gen(function*() {
        const layer = yield* make
        yield* Effect.provide(body(layer), layer, { local: true })
      })))

  describe(`${name} keeps the promises of LogFiles`, () => {
    check("a missing file is NotFound, or made when asked for", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        assert.strictEqual(yield* reasonOf(files.open("a.log", { create: false })), "NotFound")
        assert.strictEqual(yield* reasonOf(files.open("no/a.log", { create: true })), "NotFound")
        assert.strictEqual(yield* reasonOf(files.sizeOf("a.log")), "NotFound")
        assert.strictEqual(yield* reasonOf(files.list("no")), "NotFound")
        const file = yield* files.open("a.log", { create: true })
        assert.strictEqual(file.sizeBytes, 0)
        yield* file.close
      }))

    check(
      "another process sees the bytes once the append completed, before any sync",
      (again) =>
        Effect.gen(function*() {
          const files = yield* LogFiles
          yield* files.makeDirectory("t-0")
          const file = yield* files.open("t-0/a.log", { create: true })
          // Below, at and above the sizes at which implementations change their way of writing.
          const sizes = [[1], [10, 20, 30], [32 * 1024 - 1], [32 * 1024], [100_000, 1, 200_000], [0], []]
          const all: Array<number> = []
          for (const [index, chunkSizes] of sizes.entries()) {
            const chunks = chunkSizes.map((size, seed) => bytesOf(size, seed + index))
            yield* file.append(chunks)
            for (const chunk of chunks) for (const byte of chunk) all.push(byte)
            assert.strictEqual(file.sizeBytes, all.length)
            yield* Effect.provide(
              Effect.gen(function*() {
                const other = yield* LogFiles
                const seen = yield* other.open("t-0/a.log", { create: false })
                assert.strictEqual(seen.sizeBytes, all.length)
                assert.deepStrictEqual(yield* seen.readAt(0, all.length), Uint8Array.from(all))
                yield* seen.close
              }),
              again,
              { local: true }
            )
          }
          yield* file.close
        })
    )

    check("an append at once writes what an append does, or nothing", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        const file = yield* files.open("a.log", { create: true })
        let size = 0
        let atOnce = 0
        for (const sizes of [[3], [1, 0, 2], [], [0], [32 * 1024 - 1], [32 * 1024], [20_000, 20_000], [1_000_000]]) {
          const chunks = sizes.map((length, seed) => bytesOf(length, seed))
          const isDone = file.appendNow?.(chunks) === true
          const total = sizes.reduce((sum, length) => sum + length, 0)
          if (isDone) atOnce++
          else {
            assert.strictEqual(file.sizeBytes, size)
            yield* file.append(chunks)
          }
          assert.strictEqual(yield* files.sizeOf("a.log"), size + total)
          for (const chunk of chunks) {
            assert.deepStrictEqual(yield* file.readAt(size, chunk.length), chunk)
            size += chunk.length
          }
          assert.strictEqual(file.sizeBytes, size)
        }
        // Small appends are done at once and large ones are not, so that both ways are taken.
        assert.strictEqual(atOnce, 5)
        yield* file.close
        assert.isFalse(file.appendNow!([Uint8Array.of(1)]))
        assert.strictEqual(yield* files.sizeOf("a.log"), size)
      }))

    check("many chunks are written in order", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        const file = yield* files.open("a.log", { create: true })
        const chunks = Array.from({ length: 3000 }, (_, index) => bytesOf(100, index))
        yield* file.append(chunks)
        assert.strictEqual(file.sizeBytes, 300_000)
        for (const index of [0, 1023, 1024, 2048, 2999]) {
          assert.deepStrictEqual(yield* file.readAt(index * 100, 100), bytesOf(100, index))
        }
        yield* file.close
      }))

    check("a read ends at the end of the file, and what it returned never changes", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        const file = yield* files.open("a.log", { create: true })
        yield* file.append([bytesOf(200_000)])
        const head = yield* file.readAt(0, 10)
        const kept = head.slice()
        assert.strictEqual((yield* file.readAt(199_990, 100)).length, 10)
        assert.strictEqual((yield* file.readAt(200_000, 100)).length, 0)
        assert.strictEqual((yield* file.readAt(300_000, 100)).length, 0)
        assert.deepStrictEqual(yield* file.readAt(1, 150_000), bytesOf(200_000).subarray(1, 150_001))
        yield* file.truncate(0)
        yield* file.append([new Uint8Array(200_000)])
        assert.deepStrictEqual(head, kept)
        yield* file.close
      }))

    check("truncate cuts, and an append goes on from there", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        const file = yield* files.open("a.log", { create: true })
        yield* file.append([bytesOf(100)])
        yield* file.truncate(40)
        assert.strictEqual(file.sizeBytes, 40)
        yield* file.append([Uint8Array.of(1, 2, 3)])
        yield* file.sync
        assert.strictEqual(yield* files.sizeOf("a.log"), 43)
        assert.deepStrictEqual(yield* file.readAt(39, 4), Uint8Array.of(bytesOf(100)[39]!, 1, 2, 3))
        yield* file.close
      }))

    check("a closed file refuses, and an append under way ends before the close", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        const file = yield* files.open("a.log", { create: true })
        yield* Effect.all([file.append([bytesOf(1_000_000)]), file.close], { concurrency: 2 })
        assert.strictEqual(yield* files.sizeOf("a.log"), 1_000_000)
        assert.strictEqual(yield* reasonOf(file.append([Uint8Array.of(1)])), "Io")
        assert.strictEqual(yield* reasonOf(file.readAt(0, 1)), "Io")
        assert.strictEqual(yield* reasonOf(file.truncate(0)), "Io")
        assert.strictEqual(yield* reasonOf(file.sync), "Io")
      }))

    check("directories are listed, renamed and removed with what they hold", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        yield* files.makeDirectory("a/b")
        yield* files.makeDirectory("a/b")
        const file = yield* files.open("a/b/x", { create: true })
        yield* file.append([Uint8Array.of(7)])
        yield* file.close
        assert.deepStrictEqual(yield* files.list("a"), [{ name: "b", isDirectory: true }])
        assert.deepStrictEqual(yield* files.list("a/b"), [{ name: "x", isDirectory: false }])
        assert.deepStrictEqual(yield* files.list(""), [{ name: "a", isDirectory: true }])
        yield* files.rename("a/b", "a/c")
        yield* files.syncDirectory("a")
        yield* files.syncDirectory("")
        assert.strictEqual(yield* reasonOf(files.list("a/b")), "NotFound")
        assert.strictEqual(yield* files.sizeOf("a/c/x"), 1)
        yield* files.remove("a")
        yield* files.remove("a")
        assert.deepStrictEqual(yield* files.list(""), [])
      }))

    check("rename replaces a file, and fails for what does not exist", () =>
      Effect.gen(function*() {
        const files = yield* LogFiles
        for (const [path, byte] of [["a", 1], ["b", 2]] as const) {
          const file = yield* files.open(path, { create: true })
          yield* file.append([Uint8Array.of(byte)])
          yield* file.close
        }
        yield* files.rename("a", "b")
        const file = yield* files.open("b", { create: false })
        assert.deepStrictEqual(yield* file.readAt(0, 9), Uint8Array.of(1))
        yield* file.close
        assert.strictEqual(yield* reasonOf(files.rename("a", "c")), "NotFound")
      }))

    check(
      "a lock keeps others out until its scope closes, and leaves an empty file or none",
      (again) =>
        Effect.gen(function*() {
          const files = yield* LogFiles
          const lockAgain = Effect.provide(
            Effect.scoped(Effect.flatMap(LogFiles, (other) => other.lock(".lock"))),
            again,
            { local: true }
          )
          yield* Effect.scoped(Effect.gen(function*() {
            yield* files.lock(".lock")
            assert.strictEqual(yield* reasonOf(lockAgain), "Locked")
          }))
          yield* lockAgain
          yield* lockAgain
          for (const entry of yield* files.list("")) {
            assert.strictEqual(entry.name, ".lock")
            assert.strictEqual(yield* files.sizeOf(entry.name), 0)
          }
        })
    )

    check("the volume tells sizes or -1", () =>
      Effect.gen(function*() {
        const { totalBytes, usableBytes } = yield* (yield* LogFiles).volume
        assert.isTrue(totalBytes >= -1 && usableBytes <= totalBytes)
      }))
  })
}
