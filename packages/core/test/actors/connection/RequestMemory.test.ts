import { assert, describe, it } from "@effect/vitest"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { type LargeFrame, RequestMemory } from "../../../src/actors/connection/RequestMemory.ts"

const { largeFrameBytesPerMs, largeFrameGraceMs } = ConnectionLimits
const mebi = 1024 * 1024

/** A frame of this size that notes what becomes of it, and of which a test says what arrives. */
const frameOf = (memory: RequestMemory, sizeBytes: number) => {
  const frame = {
    sizeBytes,
    awaitedBytes: sizeBytes,
    arrivedAtMs: 0,
    isGranted: false,
    givenUp: undefined as string | undefined,
    granted: () => {
      frame.isGranted = true
    },
    /** As a connection that is closed. */
    giveUp: (why: string) => {
      frame.givenUp = why
      frame.leave()
    },
    claim: (nowMs: number) => {
      frame.isGranted = memory.claim(frame, nowMs)
      return frame
    },
    leave: () => {
      memory.settle(frame)
      if (frame.isGranted) memory.remove(sizeBytes)
    }
  } satisfies LargeFrame & Record<string, unknown>
  return frame
}

describe("RequestMemory", () => {
  it("counts a large frame whole from its grant on, and grants no more than there is room for", () => {
    const memory = new RequestMemory(128 * mebi)
    const first = frameOf(memory, 100 * mebi).claim(0)
    assert.isTrue(first.isGranted)
    assert.strictEqual(memory.usedBytes, 100 * mebi)
    const second = frameOf(memory, 100 * mebi).claim(0)
    assert.isFalse(second.isGranted)
    assert.strictEqual(memory.usedBytes, 100 * mebi)
    first.leave()
    assert.isTrue(second.isGranted)
    assert.strictEqual(memory.usedBytes, 100 * mebi)
    second.leave()
    assert.strictEqual(memory.usedBytes, 0)
  })

  it("lets a frame that fits pass those that wait, and grants the smallest first", () => {
    const memory = new RequestMemory(100)
    const holder = frameOf(memory, 80).claim(0)
    const large = frameOf(memory, 90).claim(0)
    const small = frameOf(memory, 30).claim(0)
    const smaller = frameOf(memory, 20).claim(0)
    assert.deepStrictEqual([large.isGranted, small.isGranted, smaller.isGranted], [false, false, true])
    holder.leave()
    assert.deepStrictEqual([large.isGranted, small.isGranted], [false, true])
    small.leave()
    smaller.leave()
    assert.isTrue(large.isGranted)
  })

  it("a frame that leaves while it waits is not granted, and keeps none from it", () => {
    const memory = new RequestMemory(100)
    const holder = frameOf(memory, 80).claim(0)
    const gone = frameOf(memory, 30).claim(0)
    const waiting = frameOf(memory, 40).claim(0)
    gone.leave()
    holder.leave()
    assert.deepStrictEqual([gone.isGranted, waiting.isGranted, memory.usedBytes], [false, true, 40])
  })

  it("a frame larger than all of the memory is read when no other is", () => {
    const memory = new RequestMemory(10)
    const first = frameOf(memory, 100).claim(0)
    const second = frameOf(memory, 100).claim(0)
    assert.deepStrictEqual([first.isGranted, second.isGranted], [true, false])
    first.leave()
    assert.isTrue(second.isGranted)
  })

  it("twelve frames of 100 MiB that stop arriving make room for the others after a second each, and at once when they go", () => {
    const memory = new RequestMemory(128 * mebi)
    const hogs = Array.from({ length: 12 }, () => frameOf(memory, 100 * mebi).claim(0))
    const honest = frameOf(memory, 50 * mebi).claim(0)
    assert.isFalse(honest.isGranted)
    memory.giveUpLate(largeFrameGraceMs - 1)
    assert.isFalse(honest.isGranted)
    memory.giveUpLate(largeFrameGraceMs + 100)
    assert.isTrue(honest.isGranted)
    assert.deepStrictEqual(hogs.map(({ givenUp }) => givenUp !== undefined).lastIndexOf(true), 0)
    for (const hog of hogs) if (hog.givenUp === undefined) hog.leave()
    honest.leave()
    assert.strictEqual(memory.usedBytes, 0)
  })

  it("a frame that trickles is given up, one that arrives is not, nor one that holds less than a share", () => {
    const memory = new RequestMemory(100 * mebi)
    const trickling = frameOf(memory, 40 * mebi).claim(0)
    const arriving = frameOf(memory, 50 * mebi).claim(0)
    const little = frameOf(memory, 5 * mebi).claim(0)
    const waiting = frameOf(memory, 60 * mebi).claim(0)
    trickling.awaitedBytes -= 2_000
    arriving.awaitedBytes -= 2_000 * largeFrameBytesPerMs
    for (const frame of [trickling, arriving]) frame.arrivedAtMs = 1_900
    memory.giveUpLate(2_000)
    assert.deepStrictEqual(
      [trickling, arriving, little].map(({ givenUp }) => givenUp !== undefined),
      [true, false, false]
    )
    assert.isFalse(waiting.isGranted)
  })

  it("a frame that came fast and then stands still is given up", () => {
    const memory = new RequestMemory(100 * mebi)
    const almost = frameOf(memory, 90 * mebi).claim(0)
    frameOf(memory, 60 * mebi).claim(0)
    almost.awaitedBytes = 1
    almost.arrivedAtMs = 500
    memory.giveUpLate(500 + largeFrameGraceMs - 1)
    assert.isUndefined(almost.givenUp)
    memory.giveUpLate(500 + largeFrameGraceMs + 50)
    assert.isDefined(almost.givenUp)
  })

  it("nothing is given up while none waits", () => {
    const memory = new RequestMemory(100)
    const stopped = frameOf(memory, 90).claim(0)
    memory.giveUpLate(60_000)
    assert.isUndefined(stopped.givenUp)
  })
})
