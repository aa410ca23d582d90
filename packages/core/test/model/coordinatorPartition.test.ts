import { assert, describe, it } from "@effect/vitest"
import { coordinatorPartition } from "../../src/model/coordinatorPartition.ts"

describe("coordinatorPartition", () => {
  it("is Java's hash of the key, made positive", () => {
    assert.strictEqual(coordinatorPartition("", 50), 0)
    assert.strictEqual(coordinatorPartition("a", 50), 97 % 50)
    assert.strictEqual(coordinatorPartition("hello", 50), 99_162_322 % 50)
    assert.strictEqual(coordinatorPartition("my-group", 50), 12)
    // The one string hash that Math.abs leaves negative.
    assert.strictEqual(coordinatorPartition("polygenelubricants", 50), 0)
  })
})
