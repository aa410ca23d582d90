import { assert, describe, it } from "@effect/vitest"
import { decideAdoptTopics } from "../../../src/actors/controller/adoptTopics.ts"
import { decideAllocateProducerIds } from "../../../src/actors/controller/allocateProducerIds.ts"
import { decideDeleteTopics } from "../../../src/actors/controller/deleteTopics.ts"
import { decideRaiseEpochs } from "../../../src/actors/controller/raiseEpochs.ts"
import { startAlone } from "../../../src/actors/controller/startAlone.ts"
import { decideTakeOver } from "../../../src/actors/controller/takeOver.ts"
import { defaultBootstrapRecords } from "../../../src/metadata/bootstrapRecords.ts"
import { type MetadataRecord, newPartition, partitionChange } from "../../../src/metadata/MetadataRecord.ts"
import { blankImage, configRecord, imageOf, registration, testDirectory, testId, topicRecords } from "./fixtures.ts"

const partition = (
  partitionId: number,
  replicas: ReadonlyArray<number>,
  isr: ReadonlyArray<number>,
  leader: number
) => ({
  ...newPartition({ topicId: testId(1), partitionId, replicas, isr, directories: [] }),
  leader
})

describe("decideTakeOver", () => {
  it("changes nothing when this broker leads everything alone", () => {
    assert.deepStrictEqual(decideTakeOver(imageOf(topicRecords("t", testId(1), 2))).records, [])
  })

  it("leads again what a clean stop left without leader", () => {
    const image = imageOf([{ _tag: "Topic", name: "t", topicId: testId(1) }, partition(0, [1], [1], -1)])
    assert.deepStrictEqual(decideTakeOver(image).records, [
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
    assert.deepStrictEqual(decideTakeOver(image).records, [
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

describe("decideAdoptTopics", () => {
  const log = (topic: string, partition: number, topicId: string | undefined) => ({
    topicPartition: { topic, partition },
    topicId,
    sizeBytes: 10
  })

  it("makes topics of logs that the metadata log does not know, with the ids they carry", () => {
    const { records, reply } = decideAdoptTopics(blankImage(), [
      log("b", 1, testId(2)),
      log("a", 0, `${testId(1)}==`),
      log("none", 0, undefined),
      log("__cluster_metadata", 0, "AAAAAAAAAAAAAAAAAAAAAQ")
    ])
    assert.deepStrictEqual(reply, ["a", "b"])
    assert.deepStrictEqual(records, [...topicRecords("a", testId(1), 1), ...topicRecords("b", testId(2), 2)])
    assert.deepInclude(records[1], { directories: [testDirectory] })
  })

  it("begins leadership above the epochs in the logs, and fills gaps with new partitions", () => {
    const { records } = decideAdoptTopics(blankImage(), [{ ...log("a", 2, testId(1)), latestEpoch: 4 }])
    const epochs = records.flatMap((record) =>
      record._tag === "Partition" ? [[record.partitionId, record.leaderEpoch]] : []
    )
    assert.deepStrictEqual(epochs, [[0, 0], [1, 0], [2, 5]])
  })

  it("leaves alone what is known by name or by id", () => {
    const image = imageOf(topicRecords("known", testId(1), 1))
    const logs = [log("known", 5, testId(9)), log("other", 0, testId(1))]
    assert.deepStrictEqual(decideAdoptTopics(image, logs), { records: [], reply: [] })
  })
})

describe("decideRaiseEpochs", () => {
  const log = (partition: number, latestEpoch: number) => ({
    topicPartition: { topic: "t", partition },
    topicId: testId(1),
    sizeBytes: 10,
    latestEpoch
  })

  it("lifts the epoch of a partition above that of its log, and only where it is below", () => {
    const image = imageOf(topicRecords("t", testId(1), 2))
    assert.deepStrictEqual(decideRaiseEpochs(image, [log(0, 0), log(1, 6), log(7, 9)]).records, [{
      ...newPartition({ topicId: testId(1), partitionId: 1, replicas: [1], isr: [1], directories: [testDirectory] }),
      leaderEpoch: 7,
      partitionEpoch: 1
    }])
  })
})

describe("startAlone", () => {
  it("writes the bootstrap records only where metadata.version is unknown", () => {
    const decisions = startAlone({ bootstrapRecords: defaultBootstrapRecords, minInsyncReplicas: "1", logs: [] })
    const recordsFor = (image: ReturnType<typeof blankImage>) => decisions.flatMap((decide) => decide(image).records)
    const minInsyncReplicas = configRecord(4, "", "min.insync.replicas", "1")
    assert.deepStrictEqual(recordsFor(blankImage()), [...defaultBootstrapRecords, minInsyncReplicas])
    assert.deepStrictEqual(recordsFor(imageOf(defaultBootstrapRecords)), [])
  })

  it("gives a cluster with eligible leader replicas a min.insync.replicas of its own, another cluster none", () => {
    const level = (name: string, featureLevel: number) => ({ _tag: "FeatureLevel", name, featureLevel }) as const
    const recordsFor = (bootstrapRecords: ReadonlyArray<MetadataRecord>) =>
      startAlone({ bootstrapRecords, minInsyncReplicas: "2", logs: [] })
        .flatMap((decide) => decide(blankImage()).records)
    const eligible = [level("metadata.version", 25), level("eligible.leader.replicas.version", 1)]
    assert.deepStrictEqual(recordsFor(eligible), [...eligible, configRecord(4, "", "min.insync.replicas", "2")])
    const without = [level("metadata.version", 25), level("eligible.leader.replicas.version", 0)]
    assert.deepStrictEqual(recordsFor(without), without)
  })
})

describe("decideAllocateProducerIds", () => {
  it("hands out the next thousand ids", () => {
    const image = imageOf([{ _tag: "ProducerIds", brokerId: 1, brokerEpoch: -1, nextProducerId: 3000 }])
    assert.deepStrictEqual(decideAllocateProducerIds(image, 1), {
      records: [{ _tag: "ProducerIds", brokerId: 1, brokerEpoch: -1, nextProducerId: 4000 }],
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
