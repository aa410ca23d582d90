import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachOf, eachVersion, test, withCoordinators } from "../Case.ts"
import type { Body, Probe } from "../Probe.ts"
import { unknownId, zeroId } from "../requests.ts"

const { DescribeCluster, DescribeLogDirs, DescribeTopicPartitions, FindCoordinator, Metadata } = apis

const ask = (names: ReadonlyArray<string>, options: Body = {}): Body => ({
  topics: names.map((name) => ({ topicId: zeroId, name })),
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
  ...options
})

/** Drops the topics of other cases from an answer that names all of them. */
const own = (probe: Probe) => (body: Body): Body => ({
  ...body,
  topics: body.topics.filter((topic: Body) => String(topic.name).startsWith(`${probe.prefix}-`))
})

const metadata: ReadonlyArray<Case> = [
  ...eachVersion(Metadata, [0, 13], "one topic, an unknown one, a bad name", async (probe, version) => {
    const topic = await probe.topic({ partitions: 3 })
    await probe.send(Metadata, version, ask([topic.name]))
    // Before version 4 a request cannot say that it wants no topic to be created.
    if (version >= 4) await probe.send(Metadata, version, ask([`${topic.name}-not`]), { label: "unknown" })
    await probe.send(Metadata, version, ask(["a b"]), { label: "bad name" })
    await probe.send(Metadata, version, ask([""]), { label: "empty name" })
  }),
  ...eachVersion(Metadata, [0, 13], "all topics, no topics", async (probe, version) => {
    await probe.topic({ partitions: 2 })
    await probe.send(Metadata, version, ask([]), { label: "an empty list", view: own(probe) })
    if (version >= 1) {
      await probe.send(Metadata, version, ask([], { topics: null }), { label: "null", view: own(probe) })
    }
  }),
  ...eachVersion(Metadata, [0, 13], "a topic is created by asking for it", async (probe, version) => {
    const name = probe.name()
    await probe.send(Metadata, version, ask([name], { allowAutoTopicCreation: true }), { label: "asked" })
    await probe.leadersOf(name)
    await probe.idOf(name)
    await probe.send(Metadata, version, ask([name]), { label: "then" })
  }),
  ...eachVersion(Metadata, [8, 13], "authorized operations", async (probe, version) => {
    const topic = await probe.topic()
    const options = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true }
    await probe.send(Metadata, version, ask([topic.name, "a b"], options))
  }),
  ...eachVersion(Metadata, [10, 13], "by topic id", async (probe, version) => {
    const topic = await probe.topic()
    const by = (topicId: string, name: string | null): Body => ask([], { topics: [{ topicId, name }] })
    // Version 10 and 11 cannot write a null name with an id on every broker, so the name is sent as well.
    await probe.send(Metadata, version, by(topic.id, null), { label: "known id" })
    await probe.send(Metadata, version, by(unknownId, null), { label: "unknown id" })
    await probe.send(Metadata, version, by(topic.id, topic.name), { label: "id and name" })
    await probe.send(Metadata, version, by(unknownId, topic.name), { label: "unknown id and a name" })
    await probe.send(Metadata, version, by(zeroId, null), { label: "neither" })
  }),
  test("Metadata: an id and a name in one request", async (probe) => {
    const [first, second] = [await probe.topic(), await probe.topic()]
    const topics = [{ topicId: first.id, name: null }, { topicId: zeroId, name: second.name }]
    await probe.send(Metadata, 12, ask([], { topics }))
  }),
  test("Metadata: the same name twice, known and unknown", async (probe) => {
    const topic = await probe.topic()
    await probe.send(Metadata, 12, ask([topic.name, topic.name]))
    await probe.send(Metadata, 12, ask(["not-there", "not-there"]))
  }),
  test("Metadata: names that collide are not created by asking", async (probe) => {
    const name = probe.name()
    await probe.quiet(Metadata, 12, ask([`${name}.a`], { allowAutoTopicCreation: true }))
    await probe.leadersOf(`${name}.a`)
    await probe.send(Metadata, 12, ask([`${name}_a`], { allowAutoTopicCreation: true }))
  })
]

const describing: ReadonlyArray<Case> = [
  ...eachVersion(DescribeCluster, [0, 2], "with and without operations", async (probe, version) => {
    for (const includeClusterAuthorizedOperations of [false, true]) {
      await probe.send(DescribeCluster, version, {
        includeClusterAuthorizedOperations,
        endpointType: 1,
        includeFencedBrokers: false
      })
    }
  }),
  ...eachOf(
    { "2, controllers": 2, "0": 0, "7": 7, "-1": -1 },
    (name) => `DescribeCluster: endpoint type ${name}`,
    async (probe, endpointType) => {
      await probe.send(DescribeCluster, 1, { includeClusterAuthorizedOperations: false, endpointType })
    }
  ),
  test("DescribeCluster: fenced brokers too", async (probe) => {
    await probe.send(DescribeCluster, 2, {
      includeClusterAuthorizedOperations: false,
      endpointType: 1,
      includeFencedBrokers: true
    })
  }),
  ...eachVersion(DescribeLogDirs, [1, 5], "some partitions, unknown ones, none", async (probe, version) => {
    const topic = await probe.topic({ partitions: 2 })
    const topics = [{ topic: topic.name, partitions: [0, 1, 8] }, { topic: "no-such-topic", partitions: [0] }]
    await probe.send(DescribeLogDirs, version, { topics })
    await probe.send(DescribeLogDirs, version, { topics: [] }, { label: "none" })
    const view = (body: Body): Body => ({
      ...body,
      results: body.results.map((result: Body) => ({
        ...result,
        topics: result.topics.filter(({ name }: Body) => name === topic.name)
      }))
    })
    await probe.send(DescribeLogDirs, version, { topics: null }, { label: "all", view })
  }),
  test("DescribeTopicPartitions: topics in order, unknown and bad ones", async (probe) => {
    const [first, second] = [await probe.topic({ partitions: 3 }), await probe.topic()]
    const names = [second.name, "zzz-not-there", first.name, "a b", second.name]
    await probe.send(DescribeTopicPartitions, 0, {
      topics: names.map((name) => ({ name })),
      responsePartitionLimit: 2_000,
      cursor: null
    })
  }),
  ...eachOf(
    { "0": 0, "1": 1, "2": 2, "4": 4, "5": 5, "-1": -1 },
    (limit) => `DescribeTopicPartitions: ${limit} partitions at a time`,
    async (probe, responsePartitionLimit) => {
      const names = [await probe.topic({ partitions: 3 }), await probe.topic({ partitions: 2 })].map(({ name }) => name)
      let cursor: Body = null
      for (let page = 0; page < 8; page++) {
        const answer: Body = await probe.send(DescribeTopicPartitions, 0, {
          topics: names.map((name) => ({ name })),
          responsePartitionLimit,
          cursor
        }, { label: `page ${page}` })
        cursor = answer?.nextCursor ?? null
        if (cursor === null) return
      }
    }
  ),
  ...eachOf<Body>(
    {
      "at a partition that is not there": { partitionIndex: 9 },
      "at a negative partition": { partitionIndex: -1 },
      "at a topic that is not asked for": { topicName: "aaaa", partitionIndex: 0 },
      "behind all topics": { topicName: "zzzz", partitionIndex: 0 }
    },
    (name) => `DescribeTopicPartitions: a cursor ${name}`,
    async (probe, change) => {
      const topic = await probe.topic({ partitions: 3 })
      await probe.send(DescribeTopicPartitions, 0, {
        topics: [{ name: topic.name }],
        responsePartitionLimit: 10,
        cursor: { topicName: topic.name, ...change }
      })
    }
  ),
  test("DescribeTopicPartitions: all topics", async (probe) => {
    await probe.topic({ partitions: 2 })
    await probe.send(DescribeTopicPartitions, 0, { topics: [], responsePartitionLimit: 2_000, cursor: null }, {
      view: (body) => ({ ...own(probe)(body), nextCursor: body.nextCursor === null })
    })
  })
]

const coordinatorsFound: ReadonlyArray<Case> = [
  ...eachVersion(FindCoordinator, [0, 6], "a group, found in the end", async (probe, version) => {
    const request = { key: "a-group", keyType: 0, coordinatorKeys: ["a-group", "b-group"] }
    const found = (body: Body): boolean => (body.coordinators?.[0]?.errorCode ?? body.errorCode) === 0
    await probe.until(FindCoordinator, version, request, found)
  }),
  ...withCoordinators(
    eachVersion(FindCoordinator, [1, 6], "a transactional id, found in the end", async (probe, version) => {
      const request = { key: "a-transaction", keyType: 1, coordinatorKeys: ["a-transaction"] }
      const found = (body: Body): boolean => (body.coordinators?.[0]?.errorCode ?? body.errorCode) === 0
      await probe.until(FindCoordinator, version, request, found)
    })
  ),
  test("Metadata: internal topics appear by asking for a coordinator", async (probe) => {
    await probe.quiet(FindCoordinator, 4, { keyType: 0, coordinatorKeys: ["any"] })
    await probe.leadersOf("__consumer_offsets")
    await probe.idOf("__consumer_offsets")
    const view = (body: Body): Body => ({ ...body.topics[0], partitions: body.topics[0].partitions.length })
    await probe.send(Metadata, 12, ask(["__consumer_offsets"]), { view })
  })
]

const coordinators: ReadonlyArray<Case> = [
  ...eachOf(
    { "share": 2, "3": 3, "-1": -1 },
    (name) => `FindCoordinator: key type ${name}`,
    async (probe, keyType) => {
      for (const version of [3, 4, 5, 6]) {
        await probe.send(FindCoordinator, version, { key: "x", keyType, coordinatorKeys: ["x"] })
      }
    }
  ),
  test("FindCoordinator: no keys", async (probe) => {
    await probe.send(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [] })
  })
]

export const metadataCases: ReadonlyArray<Case> = [...metadata, ...describing, ...coordinatorsFound, ...coordinators]
