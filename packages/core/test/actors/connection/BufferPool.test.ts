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

  it("gives frames outside its sizes a buffer of their own", () => {
    const pool = new BufferPool()
    for (const size of [0, pooledBytesMin - 1, pooledBytesMax + 1]) {
      const frame = pool.take(size)
      assert.strictEqual(frame.buffer.byteLength, size)
      pool.give(frame)
    }
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
