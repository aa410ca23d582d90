import { assert, describe, it } from "@effect/vitest"
import { KafkaBroker } from "@kafka-broker/core"
import { Effect, Result } from "effect"
import { type BrokerOptions, propertiesOfOptions } from "../src/BrokerOptions.ts"
import { NodeKafkaBroker } from "../src/NodeKafkaBroker.ts"

const propertiesOf = (options: BrokerOptions) => Object.fromEntries(Result.getOrThrow(propertiesOfOptions(options)))

/** What a program without types may give. */
const problemOf = (options: unknown): string | undefined => {
  const result = propertiesOfOptions(options as BrokerOptions)
  return Result.isFailure(result) ? result.failure : undefined
}

describe("propertiesOfOptions", () => {
  it("makes Kafka's settings, over those that are given", () => {
    assert.deepStrictEqual(propertiesOf({}), {})
    assert.deepStrictEqual(
      propertiesOf({
        port: 0,
        host: "0.0.0.0",
        advertisedHost: "example.org",
        advertisedPort: 19092,
        dataDir: "/data",
        nodeId: 7,
        autoCreateTopics: false,
        numPartitions: 3,
        settings: { "num.partitions": 1, "message.max.bytes": 5 }
      }),
      {
        "num.partitions": "3",
        "message.max.bytes": "5",
        "auto.create.topics.enable": "false",
        "node.id": "7",
        "log.dirs": "/data",
        "listeners": "PLAINTEXT://0.0.0.0:0",
        "advertised.listeners": "PLAINTEXT://example.org:19092"
      }
    )
  })

  it("names an option that does not exist or has a wrong type", () => {
    assert.strictEqual(problemOf({ prot: 9092 }), "There is no option prot; did you mean port?")
    assert.strictEqual(problemOf({ directory: "x" }), "There is no option directory")
    assert.strictEqual(problemOf({ port: "9092" }), "The option port must be of type number, but it is of type string")
    assert.strictEqual(problemOf({ memory: null }), "The option memory must be of type boolean, but it is null")
    for (const port of [99999, -1, 1.5, NaN]) assert.match(problemOf({ port })!, /port must be between 0 and 65535/)
    assert.match(problemOf(null)!, /as an object/)
    assert.match(problemOf({ settings: { "num.partitions": {} } })!, /^Invalid value for configuration num\.partitions/)
  })
})

describe("NodeKafkaBroker.layer", () => {
  it.effect("fails with a typed error for an option that does not exist", () =>
    Effect.gen(function*() {
      const options = { memory: true, prot: 0 } as BrokerOptions
      const error = yield* Effect.flip(Effect.provide(KafkaBroker, NodeKafkaBroker.layer(options)))
      assert.deepStrictEqual([error._tag, error.message], [
        "BrokerConfigError",
        "There is no option prot; did you mean port?"
      ])
    }))
})
