import { assert, beforeAll, describe, it } from "@effect/vitest"
import { paths } from "../src/Paths.ts"
import { run } from "../src/Process.ts"
import { isMissing, target, uniqueName } from "../src/Target.ts"

const roundTrip = { read: 200, equal: 200 }

/** What franz-go reports for each step of `go/main.go`. */
const expected: Readonly<Record<string, unknown>> = {
  "codec none": roundTrip,
  "codec gzip": roundTrip,
  "codec snappy": roundTrip,
  "codec lz4": roundTrip,
  "codec zstd": roundTrip,
  "acks 0": roundTrip,
  "acks 1": roundTrip,
  "metadata": "1 brokers, controller 1, id of 22",
  "createTopic defaults": "1 1",
  "createTopic exists": "error: TOPIC_ALREADY_EXISTS",
  "createTopic bad name": "error: INVALID_TOPIC_EXCEPTION",
  "validateCreateTopics": 3,
  "listTopics": "1 partition(s), validated exists: false",
  "createPartitions": "ok",
  "startOffsets": 0,
  "endOffsets": 200,
  "committedOffsets": 200,
  "offsetsAfterMilli": 150,
  "describeTopicConfigs": "5000 DYNAMIC_TOPIC_CONFIG",
  "alterTopicConfigs": "9999 DYNAMIC_TOPIC_CONFIG",
  "alterTopicConfigs delete": "604800000 DEFAULT_CONFIG",
  "describeBrokerConfigs": true,
  "deleteRecords": 77,
  "describeLogDirs": true,
  "deleteTopic": true,
  "deleteTopic unknown": "error: UNKNOWN_TOPIC_OR_PARTITION"
}

describe.skipIf(isMissing("go"))("franz-go", () => {
  let results: Record<string, unknown> = {}
  beforeAll(async () => {
    const answer = await run(paths.goBinary, [target.bootstrap, `${uniqueName("franz")}-`], { timeoutMs: 170_000 })
    assert.strictEqual(answer.code, 0, answer.stderr)
    results = JSON.parse(answer.stdout)
  })

  for (const [name, value] of Object.entries(expected)) {
    it(name, () => assert.deepStrictEqual(results[name], value))
  }

  it("reports every step that is expected, and no other", () => {
    assert.sameMembers(Object.keys(results), Object.keys(expected))
  })
})
