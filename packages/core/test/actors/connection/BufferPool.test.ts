import { assert, describe, it } from "@effect/vitest"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { BufferPool } from "../../../src/actors/connection/BufferPool.ts"

const { idlePooledBytesMax, pooledBytesMax, pooledBytesMin } = ConnectionLimits

describe("BufferPool", () => {
  it("lends a buffer again only after it was given back, to frames of like size", () => {
    const pool = new BufferPool()
    const first = pool.take(70_000)
    assert.strictEqual(first.length, 70_000)
    const second = pool.take(70_000)
    assert.notStrictEqual(second.buffer, first.buffer)
    pool.give(first)
    const third = pool.take(72_345)
    assert.strictEqual(third.buffer, first.buffer)
    assert.strictEqual(third.length, 72_345)
  })

  it("a buffer given back twice is lent once", () => {
    const pool = new BufferPool()
    const frame = pool.take(20_000)
    pool.give(frame)
    pool.give(frame)
    assert.notStrictEqual(pool.take(20_000).buffer, pool.take(20_000).buffer)
  })

  it("never lends what it has not made", () => {
    const pool = new BufferPool()
    const foreign = new Uint8Array(pooledBytesMin)
    pool.give(foreign)
    pool.give(new Uint8Array(pool.take(20_000).subarray(1)))
    assert.strictEqual(pool.idleBytes, 0)
    assert.notStrictEqual(pool.take(pooledBytesMin).buffer, foreign.buffer)
  })

  it("gives a larger array a buffer of its own and never lends that again", () => {
    const pool = new BufferPool()
    const large = pool.take(pooledBytesMax + 1)
    assert.strictEqual(large.buffer.byteLength, pooledBytesMax + 1)
    pool.give(large)
    assert.strictEqual(pool.idleBytes, 0)
  })

  it("cuts smaller arrays from slabs, so that none overlaps another and none is lent again", () => {
    const pool = new BufferPool()
    const arrays = Array.from({ length: 300 }, (_, i) => pool.take((i * 977) % pooledBytesMin))
    arrays.forEach((bytes, i) => {
      assert.strictEqual(bytes.length, (i * 977) % pooledBytesMin)
      bytes.fill(i & 0xff)
      pool.give(bytes)
    })
    arrays.forEach((bytes, i) => assert.isTrue(bytes.every((byte) => byte === (i & 0xff))))
    assert.isBelow(new Set(arrays.map(({ buffer }) => buffer)).size, 60)
    assert.strictEqual(pool.idleBytes, 0)
  })

  it("wastes at most a quarter of a buffer", () => {
    const pool = new BufferPool()
    for (let size = pooledBytesMin; size <= pooledBytesMax; size += 4_099) {
      const { buffer } = pool.take(size)
      assert.isAtMost(buffer.byteLength, size * 1.25)
      assert.isAtLeast(buffer.byteLength, size)
    }
  })

  it("keeps no more than its bound, and nothing once it is not used", () => {
    const pool = new BufferPool()
    const frames = Array.from({ length: 40 }, () => pool.take(1024 * 1024))
    for (const frame of frames) pool.give(frame)
    assert.strictEqual(pool.idleBytes, idlePooledBytesMax)
    pool.trim()
    assert.strictEqual(pool.idleBytes, idlePooledBytesMax)
    pool.trim()
    assert.strictEqual(pool.idleBytes, 0)
  })
})
