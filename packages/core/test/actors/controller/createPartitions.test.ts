import { assert, describe, it } from "@effect/vitest"
import type { ControllerDecision } from "../../../src/actors/controller/Controller.ts"
import { type CreatePartitionsReply, decideCreatePartitions } from "../../../src/actors/controller/createPartitions.ts"
import type { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { newPartition } from "../../../src/metadata/MetadataRecord.ts"
import { imageOf, registration, testDirectory, testId, topicRecords } from "./fixtures.ts"

const image = imageOf([...topicRecords("t", testId(1), 2), registration(2, true)])

const decide = (
  count: number,
  assignments: ReadonlyArray<ReadonlyArray<number>> | null = null,
  options: { readonly name?: string; readonly validateOnly?: boolean } = {}
) =>
  decideCreatePartitions(image, {
    topics: [{
      name: options.name ?? "t",
      count,
      assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null
    }],
    validateOnly: options.validateOnly ?? false,
    placementSeed: 0
  })

const refusal = (
  errorCode: ErrorCode,
  errorMessage: string | null,
  name = "t"
): ControllerDecision<CreatePartitionsReply> => ({
  records: [],
  reply: { _tag: "Results", results: [{ name, errorCode, errorMessage }] }
})

describe("decideCreatePartitions", () => {
  it("adds the missing partitions behind the existing ones", () => {
    const partition = (partitionId: number) =>
      newPartition({ topicId: testId(1), partitionId, replicas: [1], isr: [1], directories: [testDirectory] })
    assert.deepStrictEqual(decide(4), {
      records: [partition(2), partition(3)],
      reply: { _tag: "Results", results: [{ name: "t", errorCode: 0, errorMessage: null }] }
    })
    assert.deepStrictEqual(decide(3, [[1]]).records, [partition(2)])
  })

  it("writes nothing when only validating", () => {
    assert.deepStrictEqual(decide(4, null, { validateOnly: true }), {
      records: [],
      reply: { _tag: "Results", results: [{ name: "t", errorCode: 0, errorMessage: null }] }
    })
  })

  it("refuses what is no increase", () => {
    assert.deepStrictEqual(decide(2), refusal(37, "Topic already has 2 partition(s)."))
    assert.deepStrictEqual(
      decide(-1),
      refusal(37, "The topic t currently has 2 partition(s); -1 would not be an increase.")
    )
  })

  it("refuses an unknown topic without a sentence", () => {
    assert.deepStrictEqual(decide(2, null, { name: "none" }), refusal(3, null, "none"))
  })

  it("refuses assignments that do not fit", () => {
    assert.deepStrictEqual(
      decide(4, [[1]]),
      refusal(39, "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.")
    )
    assert.deepStrictEqual(
      decide(3, [[2]]),
      refusal(
        39,
        "All brokers specified in the manual partition assignment for partition 2 are fenced or in controlled shutdown."
      )
    )
    assert.deepStrictEqual(
      decide(3, [[9]]),
      refusal(39, "The manual partition assignment includes broker 9, but no such broker is registered.")
    )
  })

  it("refuses the whole request above the limit", () => {
    assert.deepStrictEqual(decide(20_000).reply, {
      _tag: "Refused",
      error: { errorCode: 44, errorMessage: "Unable to perform excessively large batch operation." }
    })
  })
})
