import { assert, describe, it } from "@effect/vitest"
import { decideAlterPartitionReassignments } from "../../../src/actors/controller/alterPartitionReassignments.ts"
import { newPartition, partitionChange } from "../../../src/metadata/MetadataRecord.ts"
import { replay } from "../../../src/metadata/replay.ts"
import { Uuid } from "../../../src/model/Uuid.ts"
import { imageOf, registration, testDirectory, testId, topicRecords } from "./fixtures.ts"

/** Partition 0 of "wide" was made by a cluster of which brokers 2 and 3 are gone; broker 1 is the one alive. */
const image = imageOf([
  ...topicRecords("t", testId(1), 2),
  { _tag: "Topic", name: "wide", topicId: testId(2) },
  newPartition({
    topicId: testId(2),
    partitionId: 0,
    replicas: [2, 1, 3],
    isr: [1],
    directories: [Uuid.zero, testDirectory, Uuid.zero]
  }),
  registration(2, true),
  registration(3, true)
])

const decide = (
  name: string,
  targets: ReadonlyArray<readonly [number, ReadonlyArray<number> | null]>,
  allowReplicationFactorChange = true
) => {
  const partitions = targets.map(([partitionIndex, replicas]) => ({ partitionIndex, replicas }))
  const { records, reply } = decideAlterPartitionReassignments(image, {
    allowReplicationFactorChange,
    topics: [{ name, partitions }]
  })
  assert.deepStrictEqual(reply.map((topic) => topic.name), [name])
  return {
    records,
    results: reply[0]!.partitions.map((each) => [each.partitionIndex, each.errorCode, each.errorMessage])
  }
}

describe("decideAlterPartitionReassignments", () => {
  it("changes nothing when partitions are where they shall be", () => {
    assert.deepStrictEqual(decide("t", [[0, [1]], [1, [1]]]), { records: [], results: [[0, 0, null], [1, 0, null]] })
  })

  it("answers each partition for itself", () => {
    assert.deepStrictEqual(decide("t", [[7, [1]], [0, [1]], [-1, null], [1, [9]], [1, []], [0, [1, 1]]]).results, [
      [7, 3, "Unable to find partition t:7."],
      [0, 0, null],
      [-1, 3, "Unable to find partition t:-1."],
      [1, 39, "The manual partition assignment includes broker 9, but no such broker is registered."],
      [1, 39, "The manual partition assignment includes an empty replica list."],
      [0, 39, "The manual partition assignment includes the broker 1 more than once."]
    ])
    assert.deepStrictEqual(decide("absent", [[0, [1]]]).results, [[0, 3, "Unable to find a topic named absent."]])
  })

  it("has nothing under way that could be stopped", () => {
    assert.deepStrictEqual(decide("t", [[0, null]]), { records: [], results: [[0, 85, null]] })
  })

  it("sheds replicas of brokers that are gone at once, in a new leader epoch", () => {
    const { records, results } = decide("wide", [[0, [1]]])
    assert.deepStrictEqual(results, [[0, 0, null]])
    assert.deepStrictEqual(records, [
      partitionChange({
        topicId: testId(2),
        partitionId: 0,
        replicas: [1],
        directories: [testDirectory],
        leader: 1
      })
    ])
    const after = replay(image, records, 1).topic("wide")?.partitions[0]
    assert.deepStrictEqual(after, { ...after!, replicas: [1], isr: [1], leader: 1, leaderEpoch: 1, partitionEpoch: 1 })
  })

  it("puts replicas in another order without a new leader epoch", () => {
    const { records } = decide("wide", [[0, [1, 2, 3]]])
    assert.deepStrictEqual(records, [
      partitionChange({
        topicId: testId(2),
        partitionId: 0,
        replicas: [1, 2, 3],
        directories: [testDirectory, Uuid.zero, Uuid.zero]
      })
    ])
    assert.strictEqual(replay(image, records, 1).topic("wide")?.partitions[0]?.leaderEpoch, 0)
  })

  it("keeps the number of replicas when told to", () => {
    const shed = decide("wide", [[0, [1]], [0, [1, 2, 3]]], false)
    assert.deepStrictEqual(shed.results, [[0, 38, "The replication factor is changed from 3 to 1"], [0, 0, null]])
    assert.strictEqual(shed.records.length, 1)
  })

  it("refuses to copy a partition to a broker that is gone, or to leave it with such brokers only", () => {
    const message = (name: string) => `Partition ${name}:0 cannot be copied to other brokers: none is alive.`
    assert.deepStrictEqual(decide("t", [[0, [1, 2]], [0, [2]]]), {
      records: [],
      results: [[0, 39, message("t")], [0, 39, message("t")]]
    })
    assert.deepStrictEqual(decide("wide", [[0, [2, 3]]]), { records: [], results: [[0, 39, message("wide")]] })
  })
})
