import { assert, describe, it } from "@effect/vitest"
import {
  decodeConsumerAssignment,
  decodeConsumerSubscription,
  encodeConsumerAssignment,
  encodeConsumerSubscription
} from "../../../src/protocol/apis/ConsumerProtocol.ts"
import { DecodeError } from "../../../src/protocol/wire/DecodeError.ts"

describe("the embedded consumer protocol", () => {
  it("keeps what each version can carry", () => {
    const subscription = {
      topics: ["a", "b"],
      userData: new Uint8Array([1]),
      ownedPartitions: [{ topic: "a", partitions: [0, 1] }],
      generationId: 7,
      rackId: "r"
    }
    assert.deepStrictEqual(decodeConsumerSubscription(encodeConsumerSubscription(subscription)), subscription)
    const first = decodeConsumerSubscription(encodeConsumerSubscription(subscription, 0))
    assert.deepStrictEqual(first, { ...subscription, ownedPartitions: [], generationId: -1, rackId: null })
    const assignment = { assignedPartitions: [{ topic: "a", partitions: [2] }], userData: null }
    assert.deepStrictEqual(decodeConsumerAssignment(encodeConsumerAssignment(assignment)), assignment)
  })

  it("reads newer versions as the newest one that it knows", () => {
    const bytes = encodeConsumerSubscription({ topics: ["a"], ownedPartitions: [] })
    bytes[1] = 9
    assert.deepStrictEqual(decodeConsumerSubscription(new Uint8Array([...bytes, 1, 2, 3])).topics, ["a"])
  })

  it("refuses negative versions and truncated bytes", () => {
    assert.throws(() => decodeConsumerSubscription(new Uint8Array([0xff, 0xff, 0, 0, 0, 0])), DecodeError)
    assert.throws(() => decodeConsumerAssignment(new Uint8Array([0, 1, 0, 0])), DecodeError)
  })
})
