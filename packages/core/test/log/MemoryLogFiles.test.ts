import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeMemoryLogFiles, makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { logFilesContract } from "./logFilesContract.ts"

logFilesContract("MemoryLogFiles", Effect.sync(() => MemoryLogFiles.layer(makeMemoryVolume())))

describe("MemoryLogFiles", () => {
  it.effect("a full volume refuses an append with NoSpace and keeps what it has", () =>
    Effect.gen(function*() {
      const files = makeMemoryLogFiles(makeMemoryVolume({ capacityBytes: 10 }))
      const file = yield* files.open("a", { create: true })
      yield* file.append([new Uint8Array(8)])
      assert.strictEqual((yield* Effect.flip(file.append([new Uint8Array(3)]))).reason, "NoSpace")
      assert.strictEqual(file.sizeBytes, 8)
      assert.deepStrictEqual(yield* files.volume, { totalBytes: 10, usableBytes: 2 })
    }))

  it.effect("a read-only volume refuses every change with ReadOnly and still reads", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const files = makeMemoryLogFiles(volume)
      const file = yield* files.open("a", { create: true })
      yield* file.append([Uint8Array.of(1)])
      volume.readOnly = true
      for (
        const change of [
          file.append([Uint8Array.of(2)]),
          file.truncate(0),
          files.makeDirectory("d"),
          files.rename("a", "b"),
          files.remove("a"),
          files.open("c", { create: true })
        ]
      ) assert.strictEqual((yield* Effect.flip(change)).reason, "ReadOnly")
      assert.deepStrictEqual(yield* file.readAt(0, 5), Uint8Array.of(1))
    }))
})
