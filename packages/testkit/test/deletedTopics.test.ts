import { assert, describe, it } from "@effect/vitest"
import { OffsetCommit, OffsetFetch } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { TestBroker } from "../src/TestBroker.ts"

const group = "readers"

const commit = (topic: string, committedOffset: number) => ({
  groupId: group,
  topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: "" }] }]
})

const committed = Effect.fnUntraced(function*(broker: TestBroker["Service"], topic: string) {
  const response = yield* broker.request(OffsetFetch, {
    groupId: group,
    topics: [{ name: topic, partitionIndexes: [0] }]
  }, 7)
  return response.topics[0]?.partitions[0]?.committedOffset
})

describe("a deleted topic", () => {
  it.effect("takes the committed offsets of its groups with it, so a new topic of its name begins anew", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "short-lived" }, { name: "kept" }])
      for (const topic of ["short-lived", "kept"]) {
        yield* broker.produce(topic, [{ value: "a" }])
        const response = yield* broker.request(OffsetCommit, commit(topic, 1), 8)
        assert.strictEqual(response.topics[0]?.partitions[0]?.errorCode, 0)
      }
      yield* broker.deleteTopics(["short-lived"])
      yield* broker.createTopics([{ name: "short-lived" }])
      assert.strictEqual(yield* committed(broker, "short-lived"), -1)
      assert.strictEqual(yield* committed(broker, "kept"), 1)
    }).pipe(Effect.provide(TestBroker.layer())))
})
