import { assert, describe, it } from "@effect/vitest"
import { cutWrite, type WriteGroup } from "../../../src/actors/partition-leader/writeGroup.ts"
import { rejected } from "../../../src/actors/partition-leader/Rejection.ts"
import type { AppendDecision } from "../../../src/actors/partition-leader/PartitionMachine.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"

const append = (offset: number): AppendDecision => ({
  _tag: "Append",
  bytes: new Uint8Array(10 + offset),
  baseOffset: offset,
  lastOffset: offset,
  logAppendTimeMs: -1
})

const entry = (acks: number): WriteGroup["appends"][number] => ({
  _tag: "Append",
  batch: new Uint8Array(0),
  options: { acks, timeoutMs: 0, origin: "Client" },
  complete: () => {}
})

describe("cutWrite", () => {
  it("keeps what is in the log and what was refused anyway, and rejects the rest with 56", () => {
    const refused = rejected(ErrorCode.CORRUPT_MESSAGE)
    const decisions = [append(5), refused, append(6), append(7)]
    const group: WriteGroup = {
      appends: [entry(1), entry(-1), entry(-1), entry(-1)],
      decisions,
      chunks: decisions.flatMap((decision) => decision._tag === "Append" ? [decision.bytes] : []),
      addedBytes: 48,
      startOffset: 5,
      acksAllFromOffset: 6,
      acksAllEndOffset: 8,
      isCutAtLarge: false
    }
    const cut = cutWrite(group, 7)
    assert.deepStrictEqual(cut.decisions.slice(0, 3), decisions.slice(0, 3))
    assert.deepInclude(cut.decisions[3], { _tag: "Reject", errorCode: ErrorCode.KAFKA_STORAGE_ERROR })
    assert.deepStrictEqual([cut.chunks.length, cut.addedBytes], [2, 31])
    assert.deepStrictEqual([cut.acksAllFromOffset, cut.acksAllEndOffset], [6, 7])
    const nothing = cutWrite(group, 5)
    assert.deepStrictEqual(nothing.chunks, [])
    assert.deepStrictEqual([nothing.acksAllFromOffset, nothing.acksAllEndOffset], [-1, -1])
  })
})
