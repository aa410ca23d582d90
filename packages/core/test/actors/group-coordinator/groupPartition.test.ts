import { assert, describe, it } from "@effect/vitest"
import { groupPartition } from "../../../src/actors/group-coordinator/groupPartition.ts"

describe("groupPartition", () => {
  it("is Java's hash of the group id, made positive", () => {
    assert.strictEqual(groupPartition("", 50), 0)
    assert.strictEqual(groupPartition("a", 50), 97 % 50)
    assert.strictEqual(groupPartition("hello", 50), 99_162_322 % 50)
    // The one string hash that Math.abs leaves negative.
    assert.strictEqual(groupPartition("polygenelubricants", 50), 0)
  })
})
