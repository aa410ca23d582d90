import { assert, describe, it } from "@effect/vitest"
import { FrameSplitter } from "../../src/protocol/FrameSplitter.ts"

const frame = (payload: ReadonlyArray<number>): Uint8Array => {
  const bytes = new Uint8Array(4 + payload.length)
  new DataView(bytes.buffer).setInt32(0, payload.length)
  bytes.set(payload, 4)
  return bytes
}
const request = (apiKey: number, version: number, rest: ReadonlyArray<number> = []) =>
  frame([apiKey >> 8, apiKey & 0xff, version >> 8, version & 0xff, ...rest])
const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))
const make = (maxBytes = 1000) => new FrameSplitter(maxBytes, (key) => key !== 99)

describe("FrameSplitter", () => {
  it("gives the same frames however the bytes are cut", () => {
    const stream = concat(request(0, 9, [1, 2, 3]), request(18, 4), request(1, 12, [7]))
    for (let cut = 1; cut <= stream.length; cut++) {
      const splitter = make()
      const frames: Array<Uint8Array> = []
      for (let at = 0; at < stream.length; at += cut) {
        splitter.push(stream.subarray(at, at + cut))
        while (splitter.check() === "Complete") frames.push(splitter.take())
      }
      assert.deepStrictEqual(
        frames.map((one) => [...one]),
        [[0, 0, 0, 9, 1, 2, 3], [0, 18, 0, 4], [0, 1, 0, 12, 7]],
        `chunks of ${cut} bytes`
      )
      assert.strictEqual(splitter.bufferedBytes, 0)
    }
  })

  it("gives a frame memory as its bytes arrive, whatever size it announces", () => {
    const bytes = request(0, 9, Array.from({ length: 200_000 }, (_, i) => i & 0xff))
    const splitter = make(1_000_000)
    for (let at = 0; at < bytes.length; at++) {
      splitter.push(bytes.slice(at, at + 1))
      assert.isAtMost(splitter.partialMemoryBytes, Math.max(4096, 4 * (at + 1)))
    }
    assert.strictEqual(splitter.check(), "Complete")
    assert.deepStrictEqual(splitter.take(), bytes.subarray(4))
  })

  it("gives back the memory a frame outgrew, and no other", () => {
    const taken = new Set<Uint8Array>()
    const memory = {
      take: (size: number) => {
        const bytes = new Uint8Array(size)
        taken.add(bytes)
        return bytes
      },
      give: (bytes: Uint8Array) => assert.isTrue(taken.delete(bytes))
    }
    const splitter = new FrameSplitter(1_000_000, () => true, (key) => key === 0 ? memory : undefined)
    for (const key of [0, 1]) {
      const bytes = request(key, 9, Array.from({ length: 50_000 }, (_, i) => i & 0xff))
      for (let at = 0; at < bytes.length; at += 1000) splitter.push(bytes.slice(at, at + 1000))
    }
    assert.deepStrictEqual([...taken].map((one) => one.length), [50_004])
    assert.strictEqual(splitter.take(), [...taken][0]!)
  })

  it("leaves a frame that was handed out as it is when more small chunks arrive", () => {
    const splitter = make()
    const frames: Array<Uint8Array> = []
    for (let i = 0; i < 200; i++) {
      const one = request(0, 9, [i, i, i, i])
      for (const cut of [one.subarray(0, 3), one.subarray(3, 9), one.subarray(9)]) splitter.push(cut)
    }
    while (splitter.check() === "Complete") {
      frames.push(splitter.take())
      splitter.push(request(0, 9, [255]))
      if (frames.length > 300) break
    }
    assert.deepStrictEqual(frames.slice(0, 200).map((one) => one[4]), Array.from({ length: 200 }, (_, i) => i))
  })

  it("keeps nothing of a chunk, which may be overwritten", () => {
    const stream = concat(
      request(0, 9, [1, 2]),
      request(0, 9, Array.from({ length: 900 }, () => 3)),
      request(0, 9, [4])
    )
    for (const cut of [1, 5, 100, stream.length]) {
      const splitter = make()
      const chunk = new Uint8Array(cut)
      for (let at = 0; at < stream.length; at += cut) {
        const part = stream.subarray(at, at + cut)
        chunk.set(part)
        splitter.push(chunk.subarray(0, part.length))
        chunk.fill(0xee)
      }
      const frames: Array<number> = []
      while (splitter.check() === "Complete") frames.push(...splitter.take())
      assert.isFalse(frames.includes(0xee), `chunks of ${cut} bytes`)
    }
  })

  it("hands out what came before a refused frame first", () => {
    const splitter = make()
    splitter.push(concat(request(0, 9, [1]), Uint8Array.of(0, 0, 0, 0), request(0, 9, [2])))
    assert.strictEqual(splitter.check(), "Complete")
    assert.deepStrictEqual([...splitter.take()], [0, 0, 0, 9, 1])
    assert.strictEqual(splitter.check(), "FrameTooShort")
  })

  it("refuses sizes and keys before the body arrives", () => {
    const refusal = (bytes: Uint8Array) => {
      const splitter = make()
      splitter.push(bytes)
      return splitter.check()
    }
    assert.strictEqual(refusal(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)), "FrameTooLarge")
    assert.strictEqual(refusal(Uint8Array.of(0, 0, 0x03, 0xe9)), "FrameTooLarge")
    assert.strictEqual(refusal(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), "FrameSizeNegative")
    assert.strictEqual(refusal(Uint8Array.of(0, 0, 0, 0)), "FrameTooShort")
    assert.strictEqual(refusal(Uint8Array.of(0, 0, 0, 100, 0, 99, 0, 0)), "UnsupportedRequest")
    assert.strictEqual(refusal(Uint8Array.of(0, 0, 0, 100, 0, 1, 0)), "Incomplete")
  })
})
