import { assert, describe, it } from "@effect/vitest"
import {
  codecIdOf,
  codecNameOf,
  codecNames,
  compress,
  decompress,
  decompressPayload
} from "../../../src/protocol/records/Compression.ts"
import { bytesOf, goldenBatch } from "./goldenBatches.ts"
import { hostCodecs } from "./hostCodecs.ts"
import { reasonOf } from "./reasonOf.ts"

describe("Compression", () => {
  it("numbers the codecs as batch attributes do", () => {
    assert.deepStrictEqual(codecNames.map(codecIdOf), [0, 1, 2, 3, 4])
    assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 7].map(codecNameOf), [...codecNames, undefined, undefined])
  })

  it("compresses and decompresses by name and id, and passes uncompressed bytes through untouched", () => {
    const bytes = bytesOf("some text, some text, some text")
    for (const name of codecNames) {
      const compressed = compress(hostCodecs, name, bytes)
      assert.deepStrictEqual(decompress(hostCodecs, codecIdOf(name), compressed, bytes.length), bytes)
    }
    assert.strictEqual(decompress(hostCodecs, 0, bytes, 0), bytes)
  })

  it("refuses unassigned codecs and passes the cap on", () => {
    for (const id of [5, 6, 7]) {
      assert.strictEqual(reasonOf(() => decompress(hostCodecs, id, new Uint8Array(9), 100)), "unsupported")
    }
    for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
      const batch = goldenBatch(`v2-large-${codec}`)
      assert.strictEqual(reasonOf(() => decompressPayload(hostCodecs, batch, 0, 50_000)), "tooLarge")
      assert.isAbove(decompressPayload(hostCodecs, batch, 0, 1 << 20).length, 65_536)
    }
  })
})
