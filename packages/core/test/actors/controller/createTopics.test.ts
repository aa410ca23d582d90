import { assert, describe, it } from "@effect/vitest"
import {
  type CreatableTopic,
  type CreateTopicsCommand,
  decideCreateTopics
} from "../../../src/actors/controller/createTopics.ts"
import type { ClusterImage } from "../../../src/metadata/ClusterImage.ts"
import { newPartition } from "../../../src/metadata/MetadataRecord.ts"
import { blankImage, imageOf, registration, testConfigRules, testDirectory, testId, topicRecords } from "./fixtures.ts"

const topic = (overrides: Partial<CreatableTopic> = {}): CreatableTopic => ({
  name: "orders",
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...overrides
})

const decide = (
  topics: ReadonlyArray<CreatableTopic>,
  options: { readonly image?: ClusterImage } & Partial<CreateTopicsCommand> = {}
) => {
  const { image = blankImage(), ...command } = options
  return decideCreateTopics(image, {
    topics,
    validateOnly: false,
    describable: topics.map(({ name }) => name),
    topicIds: topics.map((_, i) => testId(i + 1)),
    placementSeed: 0,
    defaultPartitionCount: 2,
    defaultReplicationFactor: 1,
    ...command
  }, testConfigRules)
}

const refusalOf = (overrides: Partial<CreatableTopic>, image?: ClusterImage) => {
  const { records, reply } = decide([topic(overrides)], image === undefined ? {} : { image })
  assert.deepStrictEqual(records, [])
  assert.strictEqual(reply._tag, "Results")
  const result = reply._tag === "Results" ? reply.topics[0]! : undefined
  assert.strictEqual(result?.numPartitions, -1)
  assert.strictEqual(result?.replicationFactor, -1)
  assert.strictEqual(result?.topicId, "AAAAAAAAAAAAAAAAAAAAAA")
  assert.deepStrictEqual(result?.configs, [])
  return [result?.errorCode, result?.errorMessage]
}

const assign = (...lists: ReadonlyArray<ReadonlyArray<number>>): CreatableTopic["assignments"] =>
  lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))

describe("decideCreateTopics", () => {
  it("writes the topic, its configs, then its partitions", () => {
    const { records, reply } = decide([
      topic({ numPartitions: 2, configs: [{ name: "cleanup.policy", value: "compact" }] })
    ])
    const partition = (partitionId: number) =>
      newPartition({ topicId: testId(1), partitionId, replicas: [1], isr: [1], directories: [testDirectory] })
    assert.deepStrictEqual(records, [
      { _tag: "Topic", name: "orders", topicId: testId(1) },
      { _tag: "Config", resourceType: 2, resourceName: "orders", name: "cleanup.policy", value: "compact" },
      partition(0),
      partition(1)
    ])
    assert.deepStrictEqual(reply, {
      _tag: "Results",
      topics: [{
        name: "orders",
        topicId: testId(1),
        errorCode: 0,
        errorMessage: null,
        topicConfigErrorCode: 0,
        numPartitions: 2,
        replicationFactor: 1,
        configs: [{ name: "cleanup.policy", value: "compact", readOnly: false, configSource: 1, isSensitive: false }]
      }]
    })
  })

  it("takes the broker's defaults for -1", () => {
    const { records, reply } = decide([topic()])
    assert.strictEqual(records.length, 3)
    assert.strictEqual(reply._tag === "Results" && reply.topics[0]?.numPartitions, 2)
  })

  it("hides partitions and configs from those who may not describe them", () => {
    const { reply } = decide([topic()], { describable: [] })
    const result = reply._tag === "Results" ? reply.topics[0] : undefined
    assert.deepInclude(result, { topicConfigErrorCode: 29, numPartitions: -1, replicationFactor: -1, configs: [] })
  })

  it("decides everything but writes nothing when only validating", () => {
    const { records, reply } = decide([topic()], { validateOnly: true })
    assert.deepStrictEqual(records, [])
    assert.strictEqual(reply._tag === "Results" && reply.topics[0]?.topicId, testId(1))
  })

  const long = "a".repeat(250)
  const illegal = (name: string) =>
    `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  it.each([
    ["", "Topic name is invalid: the empty string is not allowed"],
    [".", "Topic name is invalid: '.' is not allowed"],
    ["..", "Topic name is invalid: '..' is not allowed"],
    [long, `Topic name is invalid: the length of '${long}' is longer than the max allowed length 249`],
    ["a/b", illegal("a/b")],
    ["a b", illegal("a b")],
    ["ä", illegal("ä")]
  ])("refuses the name %j", (name, message) => {
    assert.deepStrictEqual(refusalOf({ name }), [17, message])
  })

  it("refuses a name that collides with an existing topic", () => {
    const image = imageOf(topicRecords("a_b", testId(9), 1))
    assert.deepStrictEqual(refusalOf({ name: "a.b" }, image), [
      17,
      "Topic 'a.b' collides with existing topic: a_b"
    ])
  })

  it("creates two names of one request that collide with each other", () => {
    assert.strictEqual(decide([topic({ name: "a.b" }), topic({ name: "a_b" })]).records.length, 6)
  })

  it("refuses an existing topic", () => {
    const image = imageOf(topicRecords("a_b", testId(9), 1))
    assert.deepStrictEqual(refusalOf({ name: "a_b" }, image), [36, "Topic 'a_b' already exists."])
  })

  it.each([
    [0, 37, "Number of partitions was set to an invalid non-positive value."],
    [-2, 37, "Number of partitions was set to an invalid non-positive value."]
  ])("refuses %i partitions", (numPartitions, code, message) => {
    assert.deepStrictEqual(refusalOf({ numPartitions }), [code, message])
  })

  it.each([
    [0, "Replication factor must be larger than 0, or -1 to use the default value."],
    [-2, "Replication factor must be larger than 0, or -1 to use the default value."],
    [
      3,
      "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because " +
      "only 1 broker(s) are registered or some brokers have all their log directories cordoned."
    ]
  ])("refuses a replication factor of %i, before looking at the partition count", (replicationFactor, message) => {
    const numPartitions = replicationFactor === 3 ? 1 : 0
    assert.deepStrictEqual(refusalOf({ replicationFactor, numPartitions }), [38, message])
  })

  it.each<[string, Partial<CreatableTopic>, string]>([
    [
      "with a replication factor",
      { assignments: assign([1]), replicationFactor: 1 },
      "A manual partition assignment was specified, but replication factor was not set to -1."
    ],
    [
      "with a partition count",
      { assignments: assign([1]), numPartitions: 1 },
      "A manual partition assignment was specified, but numPartitions was not set to -1."
    ],
    [
      "with a repeated index",
      { assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 0, brokerIds: [1] }] },
      "Found multiple manual partition assignments for partition 0"
    ],
    [
      "with a gap",
      { assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 2, brokerIds: [1] }] },
      "partitions should be a consecutive 0-based integer sequence"
    ],
    [
      "without replicas",
      { assignments: assign([]) },
      "The manual partition assignment includes an empty replica list."
    ],
    [
      "on an unknown broker",
      { assignments: assign([4]) },
      "The manual partition assignment includes broker 4, but no such broker is registered."
    ],
    [
      "with a broker twice",
      { assignments: assign([1, 1]) },
      "The manual partition assignment includes the broker 1 more than once."
    ],
    [
      "of different lengths",
      { assignments: assign([1], [1, 2]) },
      "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with " +
      "previous partitions, which have 1 replica(s)."
    ],
    [
      "on fenced brokers only",
      { assignments: assign([2]) },
      "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled shutdown."
    ]
  ])("refuses an assignment %s", (_, overrides, message) => {
    assert.deepStrictEqual(refusalOf(overrides, imageOf([registration(2, true)])), [39, message])
  })

  it("follows an assignment, leaving fenced brokers out of the in-sync set", () => {
    const { records } = decide([topic({ assignments: assign([2, 1]) })], { image: imageOf([registration(2, true)]) })
    assert.deepInclude(records[1], { _tag: "Partition", replicas: [2, 1], isr: [1], leader: 1 })
  })

  it("refuses configs before counts", () => {
    assert.deepStrictEqual(refusalOf({ numPartitions: 0, configs: [{ name: "foo", value: "1" }] }), [
      40,
      "Unknown topic config name: foo"
    ])
    assert.deepStrictEqual(refusalOf({ configs: [{ name: "retention.ms", value: "abc" }] }), [
      40,
      "Invalid value abc for configuration retention.ms: Not a number of type LONG"
    ])
    assert.deepStrictEqual(refusalOf({ configs: [{ name: "b", value: null }, { name: "a", value: null }] }), [
      40,
      "Null value not supported for topic configs: b,a"
    ])
  })

  it("refuses the whole request above the limits", () => {
    const tooMany = decide([topic({ numPartitions: 2_147_483_647 }), topic({ name: "other" })])
    assert.deepStrictEqual(tooMany, {
      records: [],
      reply: {
        _tag: "Refused",
        error: { errorCode: 44, errorMessage: "Excessively large number of partitions per request." }
      }
    })
    const tooLarge = decide([topic({ numPartitions: 10_000 })])
    assert.deepStrictEqual(tooLarge.reply, {
      _tag: "Refused",
      error: { errorCode: 44, errorMessage: "Unable to perform excessively large batch operation." }
    })
  })

  it("answers in the order of the request", () => {
    const { reply } = decide([topic({ name: "b" }), topic({ name: "/" }), topic({ name: "a" })])
    assert.deepStrictEqual(reply._tag === "Results" && reply.topics.map(({ name }) => name), ["b", "/", "a"])
  })
})
