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
      assert.deepStrictEqual(tail.views(0, size), [new Uint8Array(size).fill(1)])
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
    assert.deepStrictEqual(tail.views(followed, large), [new Uint8Array(large).fill(followed % 251)])
  })

  it("keeps small batches whether they are read or not", () => {
    const tail = new Tail(new TailCache())
    fill(tail, 0, tailUnreadBatchBytesMax, tailUnreadBytesMax * 2)
    assert.strictEqual(tail.startPosition, 0)
  })

  it("hands out bytes as they lie, one view for each block, each beginning with a batch", () => {
    const batchBytes = 3 * tailBlockBytesMax / 8
    const tail = new Tail(new TailCache())
    fill(tail, 0, batchBytes, 6 * batchBytes)
    const lengths = (position: number, length: number) => tail.views(position, length).map((view) => view.length)
    assert.deepStrictEqual(lengths(0, batchBytes), [batchBytes])
    const all = tail.views(0, Infinity)
    assert.isAbove(all.length, 1)
    assert.isTrue(all.every((view) => view.length % batchBytes === 0))
    let position = 0
    for (const view of all) {
      for (let at = 0; at < view.length; at += batchBytes) assert.strictEqual(view[at], (position + at) % 251)
      position += view.length
    }
    assert.strictEqual(position, 7 * batchBytes)
    const [first, second] = all.map((view) => view.length)
    assert.deepStrictEqual(lengths(first! - batchBytes, batchBytes + 1), [batchBytes, 1])
    assert.deepStrictEqual(lengths(first!, 10), [10])
    assert.deepStrictEqual(lengths(first!, second! + 20), [second!, 20])
    assert.deepStrictEqual(lengths(position - batchBytes, Infinity), [batchBytes])
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
        views.push(...tail.views(start, batchBytes))
        copies.push(views.at(-1)!.slice())
      }
    }
    assert.isTrue(views.every((view, i) => view.every((byte, at) => byte === copies[i]![at])))
    assert.isBelow(buffers.size, 24)
  })
})
