import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { latestEpochIn } from "../../src/log/latestEpochIn.ts"
import { buildBatch } from "../../src/protocol/records/RecordBatchBuilder.ts"
import { LogFiles } from "../../src/seams/LogFiles.ts"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"

const epochOf = (files: Readonly<Record<string, Uint8Array>>) => {
  const volume = makeMemoryVolume()
  volume.directories.add("t-0")
  for (const [name, bytes] of Object.entries(files)) {
    volume.files.set(`t-0/${name}`, { bytes: Uint8Array.from(bytes), sizeBytes: bytes.length })
  }
  return Effect.flatMap(LogFiles, (logFiles) => latestEpochIn(logFiles, "t-0")).pipe(
    Effect.provide(MemoryLogFiles.layer(volume))
  )
}

const batch = (baseOffset: number, partitionLeaderEpoch: number) =>
  buildBatch([{ timestamp: 0, value: Uint8Array.of(1) }], { baseOffset, partitionLeaderEpoch })

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

describe("latestEpochIn", () => {
  it.effect("takes the last epoch of the checkpoint", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* epochOf({ "leader-epoch-checkpoint": ascii("0\n2\n0 0\n6 10\n") }), 6)
      assert.strictEqual(yield* epochOf({ "leader-epoch-checkpoint": ascii("0\n0\n") }), -1)
    }))

  it.effect("looks into the last segment where there is no checkpoint", () =>
    Effect.gen(function*() {
      const files = {
        "00000000000000000000.log": batch(0, 2),
        "00000000000000000001.log": batch(1, 5)
      }
      assert.strictEqual(yield* epochOf(files), 5)
      assert.strictEqual(yield* epochOf({}), -1)
    }))
})
