import { assert, describe, it } from "@effect/vitest"
import { LogLimits } from "../../src/log/LogLimits.ts"
import { Tail, TailCache } from "../../src/log/TailCache.ts"

const { tailBlockBytesMax, tailUnreadBatchBytesMax, tailUnreadBytesMax } = LogLimits
const large = tailUnreadBatchBytesMax + 1

/** Appends batches of one size until more than the given bytes are in; returns the position after them. */
const fill = (tail: Tail, from: number, size: number, bytes: number): number => {
  let position = from
  while (position - from <= bytes) {
    tail.append(new Uint8Array(size).fill(position % 251), position)
    position += size
  }
  return position
}

describe("Tail", () => {
  it("copies what it keeps: the appender's bytes may change afterwards", () => {
    for (const size of [100, large]) {
      const tail = new Tail(new TailCache())
      const batch = new Uint8Array(size).fill(1)
      tail.append(batch, 0)
      batch.fill(2)
      assert.deepStrictEqual(tail.read(0, size), new Uint8Array(size).fill(1))
    }
  })

  it("keeps no large batch of a log that nobody reads, and keeps them again once somebody does", () => {
    const cache = new TailCache()
    const tail = new Tail(cache)
    let position = fill(tail, 0, large, tailUnreadBytesMax)
    assert.strictEqual(tail.startPosition, 0)
    position = fill(tail, position, large, 0)
    assert.strictEqual(tail.startPosition, Infinity)
    assert.strictEqual(cache.usedBytes, 0)
    tail.noteRead()
    const followed = position
    position = fill(tail, position, large, 0)
    assert.strictEqual(tail.startPosition, followed)
    assert.deepStrictEqual(tail.read(followed, large), new Uint8Array(large).fill(followed % 251))
  })

  it("keeps small batches whether they are read or not", () => {
    const tail = new Tail(new TailCache())
    fill(tail, 0, tailUnreadBatchBytesMax, tailUnreadBytesMax * 2)
    assert.strictEqual(tail.startPosition, 0)
  })

  it("uses the memory of a block again unless somebody was given a view of it", () => {
    const batchBytes = 16 * 1024
    const cache = new TailCache(4 * tailBlockBytesMax)
    const tail = new Tail(cache)
    let position = fill(tail, 0, batchBytes, 8 * tailBlockBytesMax)
    const views: Array<Uint8Array> = []
    const copies: Array<Uint8Array> = []
    const buffers = new Set<ArrayBufferLike>()
    for (let round = 0; round < 64; round++) {
      const start = position
      position = fill(tail, position, batchBytes, tailBlockBytesMax)
      buffers.add(tail.blockAt(position - batchBytes).bytes.buffer)
      if (round % 8 === 0) {
        views.push(tail.read(start, batchBytes))
        copies.push(views.at(-1)!.slice())
      }
    }
    assert.isTrue(views.every((view, i) => view.every((byte, at) => byte === copies[i]![at])))
    assert.isBelow(buffers.size, 24)
  })
})
