import { assert, describe, it } from "@effect/vitest"
import { topicConfigDef, validateTopicConfigs } from "../../src/config/TopicConfigs.ts"

const throttled = (name: string, shown: string): string =>
  `Invalid value ${shown} for configuration ${name}: ${name} must be the literal '*' or a list of replicas in the ` +
  "following format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."

/** What LogConfig.validate of Kafka 4.3.1 says to one config; undefined when it accepts it. */
const recorded: ReadonlyArray<readonly [string, string, string | undefined]> = [
  ["foo", "1", "Unknown topic config name: foo"],
  ["retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG"],
  ["retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"],
  ["retention.ms", " 5 ", undefined],
  ["retention.ms", "+5", undefined],
  ["retention.ms", "5.0", "Invalid value 5.0 for configuration retention.ms: Not a number of type LONG"],
  ["retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG"],
  [
    "retention.ms",
    "9223372036854775808",
    "Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG"
  ],
  ["segment.bytes", "1", "Invalid value 1 for configuration segment.bytes: Value must be at least 1048576"],
  [
    "segment.bytes",
    "2147483648",
    "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT"
  ],
  ["internal.segment.bytes", "100", undefined],
  ["cleanup.policy", "", undefined],
  ["cleanup.policy", "delete,delete", undefined],
  ["cleanup.policy", "delete , compact", undefined],
  ["cleanup.policy", "compact,", "Configuration 'cleanup.policy' values must not be empty."],
  [
    "cleanup.policy",
    "foo",
    "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete"
  ],
  [
    "compression.type",
    "foo",
    "Invalid value foo for configuration compression.type: String must be one of: " +
    "uncompressed, zstd, lz4, snappy, gzip, producer"
  ],
  [
    "compression.gzip.level",
    "0",
    "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"
  ],
  [
    "compression.lz4.level",
    "18",
    "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17"
  ],
  [
    "min.cleanable.dirty.ratio",
    "2",
    "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"
  ],
  ["min.cleanable.dirty.ratio", "1e-1", undefined],
  ["min.cleanable.dirty.ratio", "0.5f", undefined],
  ["min.cleanable.dirty.ratio", "NaN", undefined],
  [
    "min.cleanable.dirty.ratio",
    "x",
    "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE"
  ],
  [
    "preallocate",
    "yes",
    "Invalid value yes for configuration preallocate: Expected value to be either true or false"
  ],
  ["leader.replication.throttled.replicas", "x", throttled("leader.replication.throttled.replicas", "[x]")],
  ["leader.replication.throttled.replicas", "none", throttled("leader.replication.throttled.replicas", "[none]")],
  ["leader.replication.throttled.replicas", "*", undefined],
  ["leader.replication.throttled.replicas", "1:2,3:4", undefined],
  ["leader.replication.throttled.replicas", "", undefined],
  ["min.insync.replicas", "0", "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1"],
  ["remote.log.copy.disable", "true", undefined],
  [
    "remote.storage.enable",
    "true",
    "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
  ]
]

describe("validateTopicConfigs", () => {
  for (const [name, text, sentence] of recorded) {
    it(`judges ${name}=${JSON.stringify(text)} as Kafka does`, () => {
      assert.strictEqual(validateTopicConfigs(new Map([[name, text]])), sentence)
    })
  }

  it("refuses a smallest compaction lag above the largest, the broker's defaults included", () => {
    const sentence = "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"
    const both = new Map([["min.compaction.lag.ms", "10"], ["max.compaction.lag.ms", "5"]])
    assert.strictEqual(validateTopicConfigs(both), sentence)
    const [lag, limit] = Array.from(both)
    assert.strictEqual(validateTopicConfigs(new Map([lag!]), new Map([limit!])), sentence)
  })

  it("accepts every declared default", () => {
    const defaults = Array.from(topicConfigDef.keys.values()).flatMap(({ defaultText, name }) =>
      typeof defaultText === "string" ? [[name, defaultText] as const] : []
    )
    assert.strictEqual(validateTopicConfigs(new Map(defaults)), undefined)
    assert.strictEqual(topicConfigDef.keys.size, 34)
  })
})
