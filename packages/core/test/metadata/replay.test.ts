import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type ClusterImage, emptyImage } from "../../src/metadata/ClusterImage.ts"
import { imageRecords } from "../../src/metadata/imageRecords.ts"
import { ImageBuilder } from "../../src/metadata/ImageBuilder.ts"
import { type MetadataRecord, newPartition, partitionChange } from "../../src/metadata/MetadataRecord.ts"
import { replay, replayAll } from "../../src/metadata/replay.ts"
import {
  blankImage,
  broker,
  configRecord,
  imageOf,
  registration,
  testId,
  topicRecords
} from "../actors/controller/fixtures.ts"

/** Everything an image says, in a form that can be compared. */
const contentOf = (image: ClusterImage) => ({
  endOffset: image.endOffset,
  topics: image.topics().map(({ configs, ...topic }) => ({ ...topic, configs: Object.fromEntries(configs) }))
    .sort((a, b) => a.name < b.name ? -1 : 1),
  byId: image.topics().map(({ id }) => image.topicById(id)?.name ?? "").sort(),
  topicCount: image.topicCount,
  colliding: image.topics().map(({ name }) => image.collidingTopic(name) ?? "").sort(),
  brokers: image.brokers(),
  clusterConfigs: Object.fromEntries(image.configs("BROKER", "")),
  features: Object.fromEntries(image.features),
  nextProducerId: image.nextProducerId
})

const n = Schema.Literals([0, 1, 2, 3])
const Steps = Schema.Array(Schema.Struct({
  kind: Schema.Literals([
    "Topic",
    "Remove",
    "Config",
    "Clear",
    "Elect",
    "Broker",
    "Fence",
    "Ids",
    "Begin",
    "End",
    "Abort"
  ]),
  n
}))
const names = ["a.b", "a_b", "plain", "x.y"]

const recordsOf = ({ kind, n }: (typeof Steps.Type)[number]): ReadonlyArray<MetadataRecord> => {
  switch (kind) {
    case "Topic":
      return topicRecords(names[n]!, testId(n), n + 1)
    case "Remove":
      return [{ _tag: "RemoveTopic", topicId: testId(n) }]
    case "Config":
      return [
        configRecord(2, names[n]!, "retention.ms", String(n)),
        configRecord(4, "", "log.cleaner.threads", String(n))
      ]
    case "Clear":
      return [configRecord(2, names[n]!, "retention.ms", null), configRecord(4, "", "log.cleaner.threads", null)]
    case "Elect":
      return [partitionChange({ topicId: testId(n), partitionId: n, leader: n - 1 })]
    case "Broker":
      return [registration(n, true)]
    case "Fence":
      return [{ _tag: "UnfenceBroker", id: n, epoch: 7 }]
    case "Ids":
      return [{ _tag: "ProducerIds", brokerId: 1, brokerEpoch: -1, nextProducerId: n * 1000 }]
    case "Begin":
      return [{ _tag: "BeginTransaction", name: null }]
    case "End":
      return [{ _tag: "EndTransaction" }]
    case "Abort":
      return [{ _tag: "AbortTransaction", reason: null }]
  }
}

describe("replay", () => {
  it.prop("gives the same image record by record as in one go", { steps: Steps }, ({ steps }) => {
    const records = steps.flatMap(recordsOf)
    let image = blankImage()
    for (const [i, record] of records.entries()) image = replay(image, [record], i + 1)
    const batches = records.map((record, i) => ({ records: [record], endOffset: i + 1, leaderEpoch: 1 }))
    assert.deepStrictEqual(contentOf(replayAll(blankImage(), batches)), contentOf(image))
    return true
  })

  it.prop("leaves older images as they were", { before: Steps, after: Steps }, ({ after, before }) => {
    const image = imageOf(before.flatMap(recordsOf))
    const content = contentOf(imageOf(before.flatMap(recordsOf)))
    replay(image, after.flatMap(recordsOf), 1000)
    assert.deepStrictEqual(contentOf(image), content)
    return true
  })

  it.prop("gives the same image from the records of a snapshot of it", { steps: Steps }, ({ steps }) => {
    const image = imageOf(steps.flatMap(recordsOf))
    const again = replay(
      emptyImage({ clusterId: "test-cluster", controllerId: 1 }),
      [...imageRecords(image)],
      image.endOffset
    )
    assert.deepStrictEqual(contentOf(again), contentOf(image))
    assert.deepStrictEqual([...imageRecords(again)], [...imageRecords(image)])
    return true
  })

  it("keeps records of things that nothing here acts on, for a snapshot, as long as they hold", () => {
    const acl = {
      _tag: "AccessControlEntry",
      id: testId(1),
      resourceType: 2,
      resourceName: "t",
      patternType: 3,
      principal: "User:a",
      host: "*",
      operation: 3,
      permissionType: 3
    } as const
    const quota = (value: number, remove: boolean) =>
      ({
        _tag: "ClientQuota",
        entity: [{ entityType: "user", entityName: "a" }],
        key: "producer_byte_rate",
        value,
        remove
      }) as const
    const others = (records: ReadonlyArray<MetadataRecord>) =>
      [...imageRecords(imageOf(records))].filter(({ _tag }) => _tag !== "RegisterBroker")
    assert.deepStrictEqual(others([acl, quota(1, false), quota(2, false)]), [acl, quota(2, false)])
    assert.deepStrictEqual(others([acl, quota(1, false), quota(0, true)]), [acl])
    assert.deepStrictEqual(others([acl, { _tag: "RemoveAccessControlEntry", id: testId(1) }]), [])
  })

  it("applies the records of a transaction when it ends", () => {
    const open = imageOf([{ _tag: "BeginTransaction", name: null }, ...topicRecords("a", testId(1), 1)])
    assert.isUndefined(open.topic("a"))
    assert.isDefined(replay(open, [{ _tag: "EndTransaction" }], 4).topic("a"))
    assert.isUndefined(replay(open, [{ _tag: "AbortTransaction", reason: null }], 4).topic("a"))
  })

  it("raises the partition epoch with every change and the leader epoch with every election", () => {
    const image = imageOf([
      ...topicRecords("a", testId(1), 1),
      partitionChange({ topicId: testId(1), partitionId: 0, isr: [1, 2] }),
      partitionChange({ topicId: testId(1), partitionId: 0, leader: 1 })
    ])
    assert.deepInclude(image.topic("a")?.partitions[0], { isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 2 })
  })

  it("puts partitions in their places in whatever order the log names them", () => {
    const partition = (partitionId: number) =>
      newPartition({ topicId: testId(1), partitionId, replicas: [1], isr: [1], directories: [] })
    const image = imageOf([{ _tag: "Topic", name: "a", topicId: testId(1) }, partition(1), partition(0)])
    assert.deepStrictEqual(image.topic("a")?.partitions.map(({ leader, partition }) => [partition, leader]), [[0, 1], [
      1,
      1
    ]])
  })

  it("forgets a removed topic's configs, name and id", () => {
    const image = imageOf([
      ...topicRecords("a.b", testId(1), 1),
      configRecord(2, "a.b", "retention.ms", "1"),
      { _tag: "RemoveTopic", topicId: testId(1) },
      ...topicRecords("a.b", testId(2), 1)
    ])
    assert.strictEqual(image.topicCount, 1)
    assert.isUndefined(image.topicById(testId(1)))
    assert.strictEqual(image.configs("TOPIC", "a.b").size, 0)
    assert.strictEqual(image.collidingTopic("a_b"), "a.b")
  })

  it("shows brokers as they registered, with every end point, and follows what changes of them", () => {
    const endPoints = [
      { name: "INTERNAL", host: "in", port: 1, securityProtocol: 0 },
      { name: "EXTERNAL", host: "out", port: 2, securityProtocol: 0 }
    ]
    const change = {
      _tag: "BrokerRegistrationChange",
      brokerId: 3,
      brokerEpoch: 7,
      fenced: 1,
      inControlledShutdown: 1,
      logDirs: [testId(5)],
      cordonedLogDirs: null
    } as const
    const image = imageOf([{ ...registration(2, false), endPoints }, registration(3, false), change])
    assert.deepStrictEqual(image.broker(2), { ...broker(2), endPoints })
    const changed = { ...broker(3, true), inControlledShutdown: true, logDirs: [testId(5)] }
    assert.deepStrictEqual(image.broker(3), changed)
    assert.deepStrictEqual(image.brokers().map(({ id }) => id), [1, 2, 3])
  })

  it("keeps what a partition's record says, and clears eligible leaders of one topic or of all", () => {
    const records = [...topicRecords("a", testId(1), 1), ...topicRecords("b", testId(2), 1)]
    const elr = [1, 2].map((n) =>
      partitionChange({
        topicId: testId(n),
        partitionId: 0,
        replicas: [1, 2],
        addingReplicas: [2],
        leaderRecoveryState: 1,
        directories: [testId(3), testId(4)],
        eligibleLeaderReplicas: [2],
        lastKnownElr: [3]
      })
    )
    const image = imageOf([...records, ...elr])
    assert.deepInclude(image.topic("a")?.partitions[0], {
      addingReplicas: [2],
      leaderRecoveryState: 1,
      directories: [testId(3), testId(4)],
      eligibleLeaderReplicas: [2],
      lastKnownElr: [3]
    })
    const elrOf = (cleared: ClusterImage) =>
      ["a", "b"].map((name) => cleared.topic(name)?.partitions[0]?.eligibleLeaderReplicas)
    assert.deepStrictEqual(elrOf(replay(image, [{ _tag: "ClearElr", topicName: "b" }], 9)), [[2], []])
    assert.deepStrictEqual(elrOf(replay(image, [{ _tag: "ClearElr", topicName: "" }], 9)), [[], []])
  })

  it("tells which topics it changed", () => {
    const image = imageOf(topicRecords("a", testId(1), 1))
    const builder = new ImageBuilder(image)
    for (const record of [...topicRecords("b", testId(2), 1), { _tag: "RemoveTopic", topicId: testId(1) } as const]) {
      builder.replay(record)
    }
    assert.deepStrictEqual(
      builder.changedTopics().map(({ after, before }) => [before?.name, after?.name]),
      [[undefined, "b"], ["a", undefined]]
    )
  })

  it("shares unchanged topics with the image before", () => {
    const image = imageOf(topicRecords("a", testId(1), 1))
    const next = replay(image, topicRecords("b", testId(2), 1), 9)
    assert.strictEqual(next.topic("a"), image.topic("a"))
  })
})
