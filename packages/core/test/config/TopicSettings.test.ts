import { assert, describe, it } from "@effect/vitest"
import { makeTopicSettingsOf } from "../../src/config/TopicSettings.ts"
import type { MetadataImage, TopicImage } from "../../src/metadata/MetadataImage.ts"
import { Uuid } from "../../src/model/Uuid.ts"

type Configs = Record<string, string>

const image = (broker: Configs, clusterDefault: Configs): MetadataImage => {
  const maps = new Map([["1", new Map(Object.entries(broker))], ["", new Map(Object.entries(clusterDefault))]])
  return {
    configs: (_type: string, name: string) => maps.get(name) ?? new Map()
  } as unknown as MetadataImage
}

const topic = (configs: Configs): TopicImage => ({
  name: "t",
  id: Uuid.one,
  partitions: [],
  configs: new Map(Object.entries(configs))
})

const staticSettings = new Map([["node.id", "1"], ["log.retention.hours", "1"], ["message.max.bytes", "1000"]])

describe("makeTopicSettingsOf", () => {
  it("lets the topic win over the broker, the broker over the cluster, and both over the file", () => {
    const settingsOf = makeTopicSettingsOf(staticSettings)
    const retention = (own: Configs, broker: Configs, cluster: Configs): number =>
      settingsOf(image(broker, cluster), topic(own)).retentionMs
    assert.strictEqual(retention({}, {}, {}), 3_600_000)
    assert.strictEqual(retention({}, {}, { "log.retention.ms": "3" }), 3)
    assert.strictEqual(retention({}, { "log.retention.ms": "2" }, { "log.retention.ms": "3" }), 2)
    assert.strictEqual(retention({ "retention.ms": "1" }, { "log.retention.ms": "2" }, {}), 1)
    assert.strictEqual(retention({ "retention.ms": "-1" }, {}, {}), -1)
  })

  it("ignores dynamic values that cannot apply", () => {
    const settingsOf = makeTopicSettingsOf(staticSettings)
    const odd = image({ "log.retention.hours": "9", "message.max.bytes": "x" }, {})
    const { maxMessageBytes, retentionMs } = settingsOf(odd, topic({}))
    assert.deepStrictEqual([retentionMs, maxMessageBytes], [3_600_000, 1000])
  })

  it("has Kafka's values without any setting", () => {
    const settings = makeTopicSettingsOf(new Map())(image({}, {}), topic({}))
    assert.strictEqual(settings.retentionMs, 604_800_000)
    assert.strictEqual(settings.maxMessageBytes, 1_048_588)
    assert.strictEqual(settings.compression, "producer")
    assert.isTrue(settings.isDeleted && !settings.isCompacted)
    assert.isAbove(settings.log.flushMs, 2 ** 62)
  })

  it("rolls a compacted log before its records may wait no longer", () => {
    const configs = { "cleanup.policy": "compact", "max.compaction.lag.ms": "5000" }
    assert.strictEqual(makeTopicSettingsOf(new Map())(image({}, {}), topic(configs)).log.segmentMs, 5000)
  })

  it("answers from memory while nothing changed", () => {
    const settingsOf = makeTopicSettingsOf(new Map())
    const now = image({}, {})
    const t = topic({ "retention.ms": "1" })
    assert.strictEqual(settingsOf(now, t), settingsOf(now, t))
  })
})
