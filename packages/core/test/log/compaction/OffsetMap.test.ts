import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { OffsetMap } from "../../../src/log/compaction/OffsetMap.ts"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const unbounded = 2 ** 30

describe("OffsetMap", () => {
  it("holds the newest offset of each key, as a plain map does", () => {
    const key = FastCheck.uint8Array({ maxLength: 12 })
    const seed = FastCheck.integer()
    FastCheck.assert(FastCheck.property(FastCheck.array(key, { maxLength: 200 }), seed, (keys, seed) => {
      const map = new OffsetMap(unbounded, seed)
      const model = new Map<string, number>()
      keys.forEach((each, offset) => {
        assert.isTrue(map.put(each, 0, each.length, offset))
        model.set(each.join(), offset)
      })
      assert.strictEqual(map.size, model.size)
      for (const each of keys) assert.strictEqual(map.get(each, 0, each.length), model.get(each.join()))
    }))
  })

  it("tells keys apart by their length, and the empty key from one that is not there", () => {
    const map = new OffsetMap(unbounded, 1)
    assert.strictEqual(map.get(encode(""), 0, 0), -1)
    map.put(Uint8Array.of(0, 0), 0, 1, 5)
    map.put(Uint8Array.of(0, 0), 0, 2, 6)
    map.put(encode(""), 0, 0, 7)
    assert.deepStrictEqual([1, 2, 0].map((length) => map.get(Uint8Array.of(0, 0), 0, length)), [5, 6, 7])
  })

  it("keeps its keys while table and memory grow", () => {
    const map = new OffsetMap(unbounded, 3)
    for (let i = 0; i < 50_000; i++) assert.isTrue(map.put(encode(`key-${i}`), 0, encode(`key-${i}`).length, i))
    for (let i = 0; i < 50_000; i += 997) {
      const key = encode(`key-${i}`)
      assert.strictEqual(map.get(key, 0, key.length), i)
    }
  })

  it("takes no more memory than it may, and says so; the keys it has still move", () => {
    const maxBytes = 100_000
    const map = new OffsetMap(maxBytes, 4)
    let count = 0
    while (map.put(encode(`key-${count}`), 0, encode(`key-${count}`).length, count)) count++
    assert.isAtLeast(count, 1_000)
    assert.isAtMost(map.memoryBytes, maxBytes)
    assert.strictEqual(map.size, count)
    assert.isFalse(map.put(encode("another"), 0, 7, count))
    assert.isTrue(map.put(encode("key-0"), 0, 5, count))
    assert.strictEqual(map.get(encode("key-0"), 0, 5), count)
    assert.strictEqual(map.get(encode("another"), 0, 7), -1)
  })

  it("has room for the first key, however large", () => {
    const map = new OffsetMap(1024, 5)
    const key = new Uint8Array(100_000).fill(7)
    assert.isTrue(map.put(key, 0, key.length, 9))
    assert.strictEqual(map.get(key, 0, key.length), 9)
  })
})
