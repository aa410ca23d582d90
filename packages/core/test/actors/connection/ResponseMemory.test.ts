import { assert, describe, it } from "@effect/vitest"
import { ConnectionLimits } from "../../../src/actors/connection/ConnectionLimits.ts"
import { ResponseMemory } from "../../../src/actors/connection/ResponseMemory.ts"

const { answerBytesMin, answersBytesMax, smallAnswersBytes, stalledMs, stalledSmallMs, unsentBytesMax } =
  ConnectionLimits
const mebi = 1024 * 1024

/** An answer that its peer does not take until a test says so. */
const unread = (memory: ResponseMemory, sizeBytes: number, nowMs = 0) => {
  const answer = {
    left: sizeBytes,
    isGivenUp: false,
    unsentBytes: () => answer.left,
    giveUp: () => {
      answer.isGivenUp = true
      memory.taken(answer)
    }
  }
  memory.hold(answer, sizeBytes, nowMs)
  return answer
}

const waiter = (memory: ResponseMemory, isSmall: boolean) => {
  const one = { isSmall, found: 0, roomFound: () => void one.found++ }
  memory.whenRoom(one)
  return one
}

describe("ResponseMemory", () => {
  it("lets answers grow to the bound, then a little each, then nothing", () => {
    const memory = new ResponseMemory()
    assert.strictEqual(memory.roomFor(0), unsentBytesMax)
    memory.add(unsentBytesMax)
    assert.strictEqual(memory.roomFor(0), answerBytesMin)
    assert.strictEqual(memory.roomFor(answerBytesMin), 0)
    memory.add(answersBytesMax - unsentBytesMax)
    assert.strictEqual(memory.roomFor(0), 0)
    assert.isFalse(memory.isExhausted)
    memory.add(smallAnswersBytes)
    assert.isTrue(memory.isExhausted)
  })

  it("begins no request above the bound, those with small answers for longer", () => {
    const memory = new ResponseMemory()
    memory.add(answersBytesMax - 1)
    assert.isTrue(memory.hasRoom(false))
    memory.add(1)
    assert.deepStrictEqual([memory.hasRoom(false), memory.hasRoom(true)], [false, true])
    memory.add(smallAnswersBytes)
    assert.isFalse(memory.hasRoom(true))
  })

  it("300 answers of 3 MiB that nobody reads: those that hold the memory longest make room for the next", () => {
    const memory = new ResponseMemory()
    const answers: Array<ReturnType<typeof unread>> = []
    let nowMs = 0
    for (let i = 0; i < 300; i++) {
      nowMs += 100
      if (!memory.hasRoom(false)) memory.makeRoom(nowMs)
      assert.isTrue(memory.hasRoom(false))
      answers.push(unread(memory, 3 * mebi, nowMs))
      assert.isAtMost(memory.usedBytes, answersBytesMax + 3 * mebi)
    }
    const givenUp = answers.filter(({ isGivenUp }) => isGivenUp).length
    assert.isTrue(answers.slice(0, givenUp).every(({ isGivenUp }) => isGivenUp))
  })

  it("an answer that is being taken is not given up, however slowly; one that stands still is", () => {
    const memory = new ResponseMemory()
    const slow = unread(memory, answersBytesMax / 2)
    const still = unread(memory, answersBytesMax / 2)
    for (let nowMs = 50; nowMs < stalledMs; nowMs += 50) {
      slow.left -= 100
      memory.makeRoom(nowMs)
      assert.isFalse(still.isGivenUp)
    }
    slow.left -= 100
    memory.makeRoom(stalledMs)
    assert.deepStrictEqual([slow.isGivenUp, still.isGivenUp], [false, true])
  })

  it("gives a small answer more time", () => {
    const memory = new ResponseMemory()
    const small = unread(memory, answerBytesMin)
    memory.add(answersBytesMax)
    memory.makeRoom(stalledSmallMs - 1)
    assert.isFalse(small.isGivenUp)
    memory.makeRoom(stalledSmallMs + 50)
    assert.isTrue(small.isGivenUp)
  })

  it("nothing is given up while there is room", () => {
    const memory = new ResponseMemory()
    const still = unread(memory, 1)
    memory.makeRoom(60_000)
    assert.isFalse(still.isGivenUp)
  })

  it("tells each that waits once, as soon as there is room for it, and not those that left", () => {
    const memory = new ResponseMemory()
    memory.add(answersBytesMax + smallAnswersBytes)
    const stranger = waiter(memory, false)
    const reader = waiter(memory, true)
    const gone = waiter(memory, true)
    memory.forget(gone)
    memory.remove(1)
    assert.deepStrictEqual([stranger.found, reader.found], [0, 1])
    memory.remove(smallAnswersBytes)
    memory.remove(1)
    assert.deepStrictEqual([stranger.found, reader.found, gone.found], [1, 1, 0])
  })
})
