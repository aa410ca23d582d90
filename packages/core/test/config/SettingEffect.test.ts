import { assert, describe, it } from "@effect/vitest"
import { brokerConfigDef, dynamicBrokerConfigDef, dynamicMode } from "../../src/config/BrokerConfigs.ts"
import { documentationOf } from "../../src/config/ConfigDef.ts"
import { topicConfigDef, topicConfigSynonyms } from "../../src/config/TopicConfigs.ts"
import { refuseWithoutEffect } from "../../src/config/validateDynamicBrokerConfigs.ts"

/** Topic configs that take their default from a broker setting. */
const topicsWithDefaultFrom = (name: string): ReadonlyArray<string> =>
  [...topicConfigSynonyms].flatMap(([topic, synonyms]) => synonyms.some((one) => one.name === name) ? [topic] : [])

describe("when a setting acts", () => {
  it("a broker setting that is the default of a topic config acts when that config does", () => {
    for (const key of brokerConfigDef.keys.values()) {
      for (const topic of topicsWithDefaultFrom(key.name)) {
        const topicEffect = topicConfigDef.keys.get(topic)!.effect
        const expected = topicEffect.acts === "Never" || dynamicMode(key.name) !== "read-only"
          ? topicEffect.acts
          : "AtStart"
        assert.strictEqual(key.effect.acts, expected, key.name)
      }
    }
  })

  it("what acts at once is what Kafka can change while it runs too", () => {
    for (const { effect, name } of brokerConfigDef.keys.values()) {
      if (effect.acts === "AtOnce") assert.strictEqual(dynamicMode(name), "cluster-wide", name)
    }
  })

  it("is part of what DescribeConfigs says", () => {
    const said = documentationOf(brokerConfigDef.keys.get("num.io.threads")!)
    assert.match(said, / It has no effect here: the broker works on one event loop and has no threads\.$/)
    assert.notInclude(documentationOf(brokerConfigDef.keys.get("num.partitions")!), "no effect")
  })

  it("decides which changes a running broker takes, in Kafka's words for those it does not", () => {
    assert.strictEqual(
      refuseWithoutEffect(["max.connections", "num.io.threads", "unclean.leader.election.enable"]),
      "Cannot update these configs dynamically: [num.io.threads, unclean.leader.election.enable]"
    )
    assert.isUndefined(refuseWithoutEffect(["max.connections", "producer.id.expiration.ms", "message.max.bytes"]))
    assert.isUndefined(refuseWithoutEffect(["a.setting.of.a.plug.in"]))
  })

  it("is known of every setting", () => {
    for (const { effect, name } of [...dynamicBrokerConfigDef.keys.values(), ...topicConfigDef.keys.values()]) {
      if (effect.acts === "Never") assert.match(effect.why, /^[a-z][^.]*$/, name)
    }
  })
})
