import { assert, beforeAll, describe, it } from "@effect/vitest"
import { runJava } from "../src/KafkaJars.ts"
import { isMissing, target, uniqueName } from "../src/Target.ts"

const roundTrip = { firstOffset: 0, lastOffset: 199, read: 200, equal: 200 }

/** What Kafka's own Java clients report for each step of `java/KafkaJavaClient.java`. */
const expected: Readonly<Record<string, unknown>> = {
  "codec none": roundTrip,
  "codec gzip": roundTrip,
  "codec snappy": roundTrip,
  "codec lz4": roundTrip,
  "codec zstd": roundTrip,
  "acks 0": { ...roundTrip, firstOffset: -1, lastOffset: -1 },
  "acks 1": roundTrip,
  "acks all, not idempotent": roundTrip,
  "consumer offsets": { first: 150, beginning: 0, end: 200, forTime: 100, partitions: 1 },
  "consumer beyond the end": /^error: OffsetOutOfRangeException/,
  "createTopics defaults": { partitions: 1, replicas: 1, cleanup: "delete" },
  "createTopics assignments": 3,
  "createTopics configs": "123456 compact",
  "createTopics validateOnly": "7 false",
  "createTopics exists": /^error: TopicExistsException: Topic '.*' already exists\.$/,
  "createTopics bad name":
    /^error: InvalidTopicException: .*'a b' contains one or more characters other than ASCII alphanumerics/,
  "createTopics too many replicas": /^error: InvalidReplicationFactorException: .*because only 1 broker\(s\)/,
  "createTopics bad config":
    "error: InvalidConfigurationException: Invalid value soon for configuration retention.ms: Not a number of type LONG",
  "describeCluster": "1 true 1",
  "describeTopics": "2 false 1",
  "describeTopics unknown": /^error: UnknownTopicOrPartitionException/,
  "describeLogDirs": true,
  "listOffsets earliest": "0 -1",
  "listOffsets latest": "200 -1",
  "listOffsets maxTimestamp": "199 1700000000199",
  "listOffsets forTimestamp": "120 1700000000120",
  "listOffsets forTimestamp late": "-1 -1",
  "listOffsets earliestLocal": "0 -1",
  "listOffsets latestTiered": "-1 -1",
  "describeConfigs topic": "123456 DYNAMIC_TOPIC_CONFIG",
  "describeConfigs default": "1073741824 DEFAULT_CONFIG",
  "describeConfigs broker": "1 true",
  "incrementalAlterConfigs set": "777 DYNAMIC_TOPIC_CONFIG",
  "incrementalAlterConfigs append": "compact,delete DYNAMIC_TOPIC_CONFIG",
  "incrementalAlterConfigs subtract": "delete DYNAMIC_TOPIC_CONFIG",
  "incrementalAlterConfigs delete": "604800000 DEFAULT_CONFIG",
  "incrementalAlterConfigs bad":
    /^error: InvalidConfigurationException: Invalid value many for configuration segment\.bytes: Not a number of type INT/,
  "createPartitions": 5,
  "createPartitions fewer":
    /^error: InvalidPartitionsException: .*currently has 5 partition\(s\); 2 would not be an increase/,
  "deleteRecords": 60,
  "deleteRecords beyond the end": /^error: OffsetOutOfRangeException/,
  "first record after deleteRecords": 60,
  "deleteTopics": false,
  "deleteTopics unknown": /^error: UnknownTopicOrPartitionException/
}

describe.skipIf(isMissing("java"))("Kafka's Java clients", () => {
  let results: Record<string, unknown> = {}
  beforeAll(async () => {
    const run = await runJava("KafkaJavaClient", [target.bootstrap, `${uniqueName("java")}-`], { timeoutMs: 170_000 })
    assert.strictEqual(run.code, 0, run.stderr)
    results = JSON.parse(run.stdout.trim().split("\n").at(-1)!)
  })

  for (const [name, value] of Object.entries(expected)) {
    it(name, () => {
      if (value instanceof RegExp) assert.match(String(results[name]), value)
      else assert.deepStrictEqual(results[name], value)
    })
  }

  it("reports every step that is expected, and no other", () => {
    assert.sameMembers(Object.keys(results), Object.keys(expected))
  })
})
