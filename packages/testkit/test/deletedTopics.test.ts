import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestBroker } from "../src/TestBroker.ts"

const group = "readers"

describe("a deleted topic", () => {
  it.effect("takes the committed offsets of its groups with it, so a new topic of its name begins anew", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      const topics = ["kept", "short-lived"]
      for (const name of topics) {
        yield* broker.createTopics([{ name, partitions: 1 }])
        yield* broker.produce(name, [{ value: "a" }])
      }
      yield* broker.commitOffsets(group, topics.map((topic) => ({ topic, partition: 0, offset: 1 })))
      assert.deepStrictEqual((yield* broker.committed(group)).map(({ topic }) => topic).sort(), topics)
      yield* broker.deleteTopics(["short-lived"])
      yield* broker.createTopics([{ name: "short-lived" }])
      assert.deepStrictEqual((yield* broker.committed(group)).map(({ topic }) => topic), ["kept"])
    }).pipe(Effect.provide(TestBroker.layer())))
})
