import { assert, describe, it } from "@effect/vitest"
import { LogLimits } from "../../src/log/LogLimits.ts"
import { Tail, TailCache } from "../../src/log/TailCache.ts"

const { tailUnreadBatchBytesMax, tailUnreadBytesMax } = LogLimits
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
})
