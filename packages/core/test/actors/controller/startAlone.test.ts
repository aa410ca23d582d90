import { assert, describe, it } from "@effect/vitest"
import { decideAdoptTopics, findAdoptions } from "../../../src/actors/controller/adoptTopics.ts"
import { decideAllocateProducerIds } from "../../../src/actors/controller/allocateProducerIds.ts"
import { decideDeleteTopics } from "../../../src/actors/controller/deleteTopics.ts"
import { decideRaiseEpochs } from "../../../src/actors/controller/raiseEpochs.ts"
import { decideFenceBroker, decideRegisterBroker } from "../../../src/actors/controller/registerBroker.ts"
import { decide } from "../../../src/actors/controller/decide.ts"
import { startCommands } from "../../../src/actors/controller/startAlone.ts"
import { compareLogs } from "../../../src/actors/controller/strayLogs.ts"
import { decideTakeOver } from "../../../src/actors/controller/takeOver.ts"
import type { LogDescription } from "../../../src/log/LogStore.ts"
import { defaultBootstrapRecords } from "../../../src/metadata/bootstrapRecords.ts"
import {
  type MetadataRecord,
  newPartition,
  partitionChange,
  type PartitionChangeRecord
} from "../../../src/metadata/MetadataRecord.ts"
import type { Uuid } from "../../../src/model/Uuid.ts"
import {
  blankImage,
  broker,
  configRecord,
  imageOf,
  registration,
  testConfigRules,
  testDirectory,
  testId,
  topicRecords
} from "./fixtures.ts"

const partition = (
  partitionId: number,
  replicas: ReadonlyArray<number>,
  isr: ReadonlyArray<number>,
  leader: number
) => ({
  ...newPartition({ topicId: testId(1), partitionId, replicas, isr, directories: [] }),
  leader
})

const partitionOf = (topicId: Uuid, replicas: ReadonlyArray<number>) =>
  newPartition({ topicId, partitionId: 0, replicas, isr: replicas, directories: [] })

describe("decideTakeOver", () => {
  it("changes nothing when this broker leads everything alone", () => {
    assert.deepStrictEqual(decideTakeOver(imageOf(topicRecords("t", testId(1), 2)), 1).records, [])
  })

  it("leads again what a clean stop left without leader", () => {
    const image = imageOf([{ _tag: "Topic", name: "t", topicId: testId(1) }, partition(0, [1], [1], -1)])
    assert.deepStrictEqual(decideTakeOver(image, 1).records, [
      partitionChange({ topicId: testId(1), partitionId: 0, leader: 1 })
    ])
  })

  it("fences the brokers that are not there and takes their leaderships over", () => {
    const image = imageOf([
      registration(2, false),
      { _tag: "Topic", name: "t", topicId: testId(1) },
      partition(0, [2, 1], [2, 1], 2),
      partition(1, [2], [2], 2),
      partition(2, [1, 2], [1, 2], 1)
    ])
    assert.deepStrictEqual(decideTakeOver(image, 1).records, [
      {
        _tag: "BrokerRegistrationChange",
        brokerId: 2,
        brokerEpoch: 7,
        fenced: 1,
        inControlledShutdown: 0,
        logDirs: [],
        cordonedLogDirs: null
      },
      partitionChange({ topicId: testId(1), partitionId: 0, isr: [1], leader: 1 }),
      partitionChange({ topicId: testId(1), partitionId: 1, leader: -1 }),
      partitionChange({ topicId: testId(1), partitionId: 2, isr: [1] })
    ])
  })
})

describe("eligible leader replicas at a start", () => {
  const elr = (fields: Partial<PartitionChangeRecord>) => [
    { _tag: "Topic", name: "t", topicId: testId(1) } as const,
    partition(0, [1, 2], [2], 2),
    partitionChange({ topicId: testId(1), partitionId: 0, ...fields })
  ]

  it("are cleared where this broker takes over, so that no replica is both in sync and eligible", () => {
    const image = imageOf(elr({ eligibleLeaderReplicas: [1], lastKnownElr: [2], leaderRecoveryState: 1 }))
    const { records, reply } = decideTakeOver(image, 1)
    assert.deepStrictEqual(records, [
      partitionChange({
        topicId: testId(1),
        partitionId: 0,
        isr: [1],
        leader: 1,
        leaderRecoveryState: 0,
        eligibleLeaderReplicas: [],
        lastKnownElr: []
      })
    ])
    assert.deepStrictEqual(reply, [])
  })

  it("tell whether a takeover may lose records", () => {
    assert.deepStrictEqual(decideTakeOver(imageOf(elr({})), 1).reply, ["t-0"])
    assert.deepStrictEqual(decideTakeOver(imageOf(elr({ isr: [1, 2] })), 1).reply, [])
  })
})

describe("the registration of a broker", () => {
  it("begins unfenced with an epoch of its own, and ends fenced", () => {
    const image = imageOf([])
    const { records, reply } = decideRegisterBroker(imageOf(topicRecords("t", testId(1), 1)), broker(3))
    assert.deepStrictEqual([reply, records], [2, [{ ...registration(3, false), brokerEpoch: 2 }]])
    assert.deepStrictEqual(decideFenceBroker(image, 1).records, [{
      _tag: "BrokerRegistrationChange",
      brokerId: 1,
      brokerEpoch: 7,
      fenced: 1,
      inControlledShutdown: 0,
      logDirs: [],
      cordonedLogDirs: null
    }])
    assert.deepStrictEqual(decideFenceBroker(imageOf([registration(1, true)]), 1).records, [])
    assert.deepStrictEqual(decideFenceBroker(image, 4).records, [])
  })
})

describe("findAdoptions", () => {
  const log = (topic: string, partition: number, topicId: string | undefined) => ({
    topicPartition: { topic, partition },
    topicId,
    sizeBytes: 10
  })
  const noCounts = new Map<string, number>()
  const recordsOf = (logs: ReadonlyArray<LogDescription>, counts = noCounts) =>
    decideAdoptTopics(blankImage(), 1, findAdoptions(logs, counts).topics).records

  it("makes topics of logs, with the ids they carry, and says so line by line", () => {
    const logs = [
      log("b", 1, testId(2)),
      log("a", 0, `${testId(1)}==`),
      log("none", 0, undefined),
      log("__cluster_metadata", 0, "AAAAAAAAAAAAAAAAAAAAAQ")
    ]
    assert.deepStrictEqual(recordsOf(logs), [...topicRecords("a", testId(1), 1), ...topicRecords("b", testId(2), 2)])
    assert.deepInclude(recordsOf(logs)[1], { directories: [testDirectory] })
    assert.deepStrictEqual(findAdoptions(logs, noCounts).lines, [
      "none-0 is left alone: it has no topic id",
      `a is adopted with id ${testId(1)} and 1 partitions by the highest log found, there may have been more; ` +
      "logs of partitions 0 are there; its configs are not known and begin as the defaults",
      `b is adopted with id ${testId(2)} and 2 partitions by the highest log found, there may have been more; ` +
      "logs of partitions 1 are there; its configs are not known and begin as the defaults"
    ])
  })

  it("begins leadership above the epochs in the logs, and fills gaps with new partitions", () => {
    const epochs = recordsOf([{ ...log("a", 2, testId(1)), latestEpoch: 4 }]).flatMap((record) =>
      record._tag === "Partition" ? [[record.partitionId, record.leaderEpoch]] : []
    )
    assert.deepStrictEqual(epochs, [[0, 0], [1, 0], [2, 5]])
  })

  it("leaves alone what cannot be read, and a partition with another id than the topic's others", () => {
    const logs = [log("a", 0, testId(1)), log("a", 1, testId(2)), { ...log("c", 0, undefined), failure: "no entry" }]
    const { lines, topics } = findAdoptions(logs, noCounts)
    assert.deepStrictEqual(topics.map(({ name, partitionCount }) => [name, partitionCount]), [["a", 1]])
    assert.deepStrictEqual(lines.slice(0, 2), [
      `a-1 is left alone: another partition of a has the topic id ${testId(1)}`,
      "c-0 is left alone: no entry"
    ])
  })

  it("never guesses the number of partitions of an internal topic", () => {
    const logs = [log("a", 0, testId(1)), log("__consumer_offsets", 13, testId(2))]
    const refused = findAdoptions(logs, noCounts)
    assert.deepStrictEqual(refused.topics, [])
    assert.strictEqual(refused.refusal, "the number of partitions of __consumer_offsets is not known")
    const given = findAdoptions(logs, new Map([["__consumer_offsets", 50]]))
    assert.deepStrictEqual(given.topics.map(({ name, partitionCount }) => [name, partitionCount]), [
      ["__consumer_offsets", 50],
      ["a", 1]
    ])
    assert.strictEqual(
      findAdoptions(logs, new Map([["__consumer_offsets", 10]])).refusal,
      "__consumer_offsets has 10 partitions, but there is __consumer_offsets-13"
    )
  })
})

describe("compareLogs", () => {
  const image = imageOf([
    ...topicRecords("t", testId(1), 2),
    { _tag: "Topic", name: "other", topicId: testId(2) },
    partitionOf(testId(2), [2])
  ])
  const log = (topic: string, partition: number, topicId: string | undefined, failure?: string) => ({
    topicPartition: { topic, partition },
    topicId,
    sizeBytes: 10,
    ...(failure === undefined ? {} : { failure })
  })

  it("finds what the metadata log does not know, or gives to other brokers", () => {
    const logs = [
      log("t", 0, testId(1)),
      log("t", 1, undefined),
      log("t", 2, testId(1)),
      log("t", 0, testId(9)),
      log("u", 0, testId(1)),
      log("gone", 0, undefined),
      log("other", 0, testId(2))
    ]
    const { offline, strays } = compareLogs(image, 1, logs)
    assert.deepStrictEqual(offline, [])
    assert.deepStrictEqual(strays.map(({ reason, topicPartition }) => [topicPartition.topic, reason]), [
      ["t", "t has 2 partitions"],
      ["t", `no topic has the id ${testId(9)}`],
      ["u", `the topic id ${testId(1)} is that of t`],
      ["gone", "no topic has its name, and it has no topic id"],
      ["other", "its replicas are on brokers 2"]
    ])
  })

  it("leaves a log of this broker that cannot be read where it is, offline", () => {
    const logs = [log("t", 0, undefined, "permission denied"), log("gone", 0, undefined, "gone-0 is gone")]
    const { offline, strays } = compareLogs(image, 1, logs)
    assert.deepStrictEqual(offline, ["t-0 is offline: permission denied"])
    assert.deepStrictEqual(strays, [{ topicPartition: { topic: "gone", partition: 0 }, reason: "gone-0 is gone" }])
  })
})

describe("decideRaiseEpochs", () => {
  const log = (partition: number, latestEpoch: number) => ({
    topicPartition: { topic: "t", partition },
    topicId: testId(1),
    sizeBytes: 10,
    latestEpoch
  })

  it("lifts the epoch of a partition above that of its log, and only where it is not above it", () => {
    const image = imageOf(topicRecords("t", testId(1), 2))
    const raised = decideRaiseEpochs(image, 1, [log(0, 0)]).records[0]
    assert.isTrue(raised?._tag === "Partition" && raised.partitionId === 0 && raised.leaderEpoch === 1)
    assert.deepStrictEqual(decideRaiseEpochs(image, 1, [log(0, -1), log(1, 6), log(7, 9)]).records, [{
      ...newPartition({ topicId: testId(1), partitionId: 1, replicas: [1], isr: [1], directories: [testDirectory] }),
      leaderEpoch: 7,
      partitionEpoch: 1
    }])
  })

  it("goes by the newest epoch when a log is named twice", () => {
    const image = imageOf(topicRecords("t", testId(1), 1))
    for (const logs of [[log(0, 3), log(0, -1)], [log(0, -1), log(0, 3)]]) {
      const raised = decideRaiseEpochs(image, 1, logs).records
      assert.deepStrictEqual(raised.map((record) => record._tag === "Partition" && record.leaderEpoch), [4])
    }
  })
})

describe("startCommands", () => {
  const local = { ...broker(1), incarnationId: testId(99) }
  const registered = (brokerEpoch: number) => ({ ...registration(1, false), incarnationId: testId(99), brokerEpoch })

  it("writes the bootstrap records only where metadata.version is unknown", () => {
    const decisions = startCommands({
      bootstrapRecords: defaultBootstrapRecords,
      minInsyncReplicas: "1",
      broker: local,
      adopted: [],
      logs: []
    })
    const recordsFor = (image: ReturnType<typeof blankImage>) =>
      decisions.flatMap((command) => decide(image, command, testConfigRules).records)
    const minInsyncReplicas = configRecord(4, "", "min.insync.replicas", "1")
    assert.deepStrictEqual(recordsFor(blankImage()), [...defaultBootstrapRecords, minInsyncReplicas, registered(0)])
    assert.deepStrictEqual(recordsFor(imageOf(defaultBootstrapRecords)), [registered(defaultBootstrapRecords.length)])
  })

  it("gives a cluster with eligible leader replicas a min.insync.replicas of its own, another cluster none", () => {
    const level = (name: string, featureLevel: number) => ({ _tag: "FeatureLevel", name, featureLevel }) as const
    const recordsFor = (bootstrapRecords: ReadonlyArray<MetadataRecord>) =>
      startCommands({ bootstrapRecords, minInsyncReplicas: "2", broker: local, adopted: [], logs: [] })
        .flatMap((command) => decide(blankImage(), command, testConfigRules).records)
    const eligible = [level("metadata.version", 25), level("eligible.leader.replicas.version", 1)]
    assert.deepStrictEqual(recordsFor(eligible), [
      ...eligible,
      configRecord(4, "", "min.insync.replicas", "2"),
      registered(0)
    ])
    const without = [level("metadata.version", 25), level("eligible.leader.replicas.version", 0)]
    assert.deepStrictEqual(recordsFor(without), [...without, registered(0)])
  })
})

describe("decideAllocateProducerIds", () => {
  it("hands out the next thousand ids", () => {
    const image = imageOf([{ _tag: "ProducerIds", brokerId: 1, brokerEpoch: -1, nextProducerId: 3000 }])
    assert.deepStrictEqual(decideAllocateProducerIds(image, 1), {
      records: [{ _tag: "ProducerIds", brokerId: 1, brokerEpoch: 7, nextProducerId: 4000 }],
      reply: { firstProducerId: 3000, size: 1000 }
    })
  })
})

describe("decideDeleteTopics", () => {
  it("removes the topics that exist and answers for the others", () => {
    const image = imageOf(topicRecords("t", testId(1), 1))
    assert.deepStrictEqual(decideDeleteTopics(image, [testId(1), testId(2)]), {
      records: [{ _tag: "RemoveTopic", topicId: testId(1) }],
      reply: [undefined, { errorCode: 100, errorMessage: "This server does not host this topic ID." }]
    })
  })
})
