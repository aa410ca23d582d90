import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { BrokerConfig } from "../../src/config/BrokerConfig.ts"
import { propertiesOf, type SettingsInput } from "../../src/config/SettingsInput.ts"

const textsOf = (input: SettingsInput) => Object.fromEntries(Result.getOrThrow(propertiesOf(input)))

/** What a program without types may give. */
const problemOf = (input: unknown): string | undefined => {
  const result = propertiesOf(input as SettingsInput)
  return Result.isFailure(result) ? result.failure : undefined
}

describe("propertiesOf", () => {
  it("takes values of the settings' types, and text", () => {
    const settings: SettingsInput = {
      "num.partitions": 3,
      "auto.create.topics.enable": false,
      "message.max.bytes": "2000",
      "log.retention.bytes": 10n,
      "super.users": "User:a",
      "group.consumer.assignors": ["range", "uniform"],
      "a.setting.of.tomorrow": true,
      "broker.rack": undefined
    }
    assert.deepStrictEqual(textsOf(settings), {
      "num.partitions": "3",
      "auto.create.topics.enable": "false",
      "message.max.bytes": "2000",
      "log.retention.bytes": "10",
      "super.users": "User:a",
      "group.consumer.assignors": "range,uniform",
      "a.setting.of.tomorrow": "true"
    })
  })

  it("does not compile with a value of another type", () => {
    // @ts-expect-error a number is wanted
    const partitions: SettingsInput = { "num.partitions": true }
    // @ts-expect-error true or false is wanted
    const creation: SettingsInput = { "auto.create.topics.enable": 1 }
    assert.deepStrictEqual([textsOf(partitions), textsOf(creation)], [
      { "num.partitions": "true" },
      { "auto.create.topics.enable": "1" }
    ])
  })

  it("names the setting whose value none can be, without throwing", () => {
    assert.strictEqual(problemOf({ a: null }), "Invalid value for configuration a: it is null")
    assert.strictEqual(problemOf({ a: {} }), "Invalid value for configuration a: it is of type object")
    assert.strictEqual(problemOf({ a: () => 1 }), "Invalid value for configuration a: it is of type function")
    assert.strictEqual(problemOf({ a: Symbol.iterator }), "Invalid value for configuration a: it is of type symbol")
    assert.strictEqual(problemOf({ a: [1] }), "Invalid value for configuration a: it is a list of other things")
    for (const input of [null, 5, "num.partitions=3", []]) assert.match(problemOf(input)!, /as an object or a map/)
  })
})

describe("BrokerConfig.layer", () => {
  const failureOf = (input: unknown) =>
    Effect.flip(Effect.provide(BrokerConfig, BrokerConfig.layer(input as SettingsInput)))

  it.effect("fails with a typed error for what it cannot read, and never with a defect", () =>
    Effect.gen(function*() {
      for (const input of [{ "num.partitions": 1.5 }, { "num.partitions": NaN }, { "num.partitions": [] }, null]) {
        assert.strictEqual((yield* failureOf(input))._tag, "BrokerConfigError")
      }
      assert.strictEqual(
        (yield* failureOf({ "num.partitions": 1.5 })).message,
        "Invalid value 1.5 for configuration num.partitions: Not a number of type INT"
      )
    }))
})
