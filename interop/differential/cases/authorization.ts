import { apis } from "@kafka-broker/core/protocol"
import { batch } from "../batches.ts"
import { type Case, test, underAcls } from "../Case.ts"
import type { Body, Probe, Topic } from "../Probe.ts"
import { unknownIdLabel } from "../rules.ts"
import { fetchRequest, listOffsetsRequest, produceRequest, produceTo, zeroId } from "../requests.ts"

const TOPIC = 2
const BROKER = 4

/** A topic of each kind that exists, and the name of one that may not even be created. */
interface Topics {
  readonly open: Topic
  readonly read: Topic
  readonly describe: Topic
  readonly create: Topic
  readonly hidden: Topic
}

/** Leaves out the sentences of refusals, where Kafka's show its own request object. */
const unworded = {
  view: (body: Body): Body =>
    JSON.parse(JSON.stringify(body, (key, value) => key === "errorMessage" ? undefined : value))
}

const madeTopics = async (probe: Probe): Promise<Topics> => {
  const made = async (kind: string): Promise<Topic> => {
    const name = `${kind}-${probe.name()}`
    return await probe.topic(kind === "create" ? { name, isClosed: true } : { name })
  }
  return {
    open: await probe.topic(),
    read: await made("read"),
    describe: await made("describe"),
    create: await made("create"),
    hidden: { name: `hidden-${probe.name()}`, id: zeroId }
  }
}

const all = ({ create, describe, hidden, open, read }: Topics): ReadonlyArray<Topic> => [
  hidden,
  create,
  describe,
  read,
  open
]
const names = (topics: Topics): ReadonlyArray<string> => all(topics).map(({ name }) => name)

const metadata = (topics: Body): Body => ({
  topics,
  allowAutoTopicCreation: true,
  includeTopicAuthorizedOperations: true,
  includeClusterAuthorizedOperations: true
})

const sorted = (body: Body, field: string, key: string): Body => ({
  ...body,
  [field]: [...body[field]].sort((a: Body, b: Body) => a[key] < b[key] ? -1 : 1)
})

const topicCases: ReadonlyArray<Case> = [
  test("ACLs: CreateTopics", async (probe) => {
    const topics = ["hidden-", "read-", ""].map((prefix) => ({
      name: `${prefix}${probe.name()}`,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: []
    }))
    for (const version of [2, 7]) {
      for (const validateOnly of [true, false]) {
        await probe.send(apis.CreateTopics, version, { topics, timeoutMs: 5_000, validateOnly }, {
          view: (body) => body.topics.map(({ topicId: _, ...topic }: Body) => topic)
        })
      }
    }
  }),
  test("ACLs: CreatePartitions", async (probe) => {
    const topics = names(await madeTopics(probe)).map((name) => ({ name, count: 2, assignments: null }))
    await probe.send(apis.CreatePartitions, 3, { topics, timeoutMs: 5_000, validateOnly: false })
  }),
  test("ACLs: DeleteTopics", async (probe) => {
    const topics = await madeTopics(probe)
    const byName = all(topics).map(({ name }) => ({ name, topicId: zeroId }))
    const byId = [topics.create, topics.describe].map(({ id }) => ({ name: null, topicId: id }))
    await probe.send(apis.DeleteTopics, 6, { topics: byId, timeoutMs: 5_000 }, { label: "by id" })
    await probe.send(apis.DeleteTopics, 5, { topicNames: names(topics), timeoutMs: 5_000 }, { label: "v5" })
    await probe.send(apis.DeleteTopics, 6, { topics: byName, timeoutMs: 5_000 }, { label: "by name" })
  }),
  test("ACLs: Metadata", async (probe) => {
    const topics = await madeTopics(probe)
    const view = (body: Body): Body => ({
      topics: body.topics.map(({ partitions, ...topic }: Body) => ({ ...topic, partitions: partitions.length })),
      clusterAuthorizedOperations: body.clusterAuthorizedOperations,
      errorCode: body.errorCode
    })
    for (const version of [1, 8, 10]) {
      const asked = names(topics).map((name) => ({ name, topicId: zeroId }))
      await probe.send(apis.Metadata, version, metadata(asked), { view })
    }
    const ids = [topics.create, topics.describe, topics.open].map(({ id }) => ({ name: null, topicId: id }))
    await probe.send(apis.Metadata, 12, metadata(ids), { view, label: "by id" })
    await probe.send(apis.Metadata, 10, metadata(null), {
      label: "all",
      view: (body) =>
        body.topics.map(({ name }: Body) => name).filter((name: string) => names(topics).includes(name)).sort()
    })
  }),
  test("ACLs: DescribeTopicPartitions", async (probe) => {
    const topics = names(await madeTopics(probe)).map((name) => ({ name }))
    const request = { topics, responsePartitionLimit: 100, cursor: null }
    await probe.send(apis.DescribeTopicPartitions, 0, request, { view: (body) => sorted(body, "topics", "name") })
  }),
  test("ACLs: the cluster", async (probe) => {
    for (const version of [0, 1, 2]) {
      await probe.send(apis.DescribeCluster, version, { includeClusterAuthorizedOperations: true, endpointType: 1 })
    }
    for (const version of [1, 2, 3, 5]) await probe.send(apis.DescribeLogDirs, version, { topics: null })
  }),
  test("ACLs: AlterPartitionReassignments, ListPartitionReassignments", async (probe) => {
    const [name] = names(await madeTopics(probe))
    const moved = [{ name, partitions: [{ partitionIndex: 0, replicas: [1] }] }]
    await probe.send(apis.AlterPartitionReassignments, 1, { timeoutMs: 5_000, topics: moved }, unworded)
    await probe.send(apis.AlterPartitionReassignments, 1, { timeoutMs: 5_000, topics: [] }, unworded)
    await probe.send(apis.ListPartitionReassignments, 0, { topics: null }, unworded)
    await probe.send(apis.ListPartitionReassignments, 0, { topics: [{ name, partitionIndexes: [0] }] }, unworded)
  }),
  test("ACLs: DescribeQuorum", async (probe) => {
    for (const topicName of ["__cluster_metadata", "hidden-topic"]) {
      const topics = [{ topicName, partitions: [{ partitionIndex: 0 }] }]
      for (const version of [0, 1, 2]) await probe.send(apis.DescribeQuorum, version, { topics })
    }
  }),
  test("ACLs: ElectLeaders", async (probe) => {
    const [name] = names(await madeTopics(probe))
    for (const version of [0, 1, 2]) {
      const topicPartitions = [{ topic: name, partitions: [0, 7] }]
      await probe.send(apis.ElectLeaders, version, { timeoutMs: 5_000, topicPartitions }, unworded)
      await probe.send(apis.ElectLeaders, version, { timeoutMs: 0, topicPartitions: [] }, unworded)
      await probe.send(apis.ElectLeaders, version, { electionType: 9, topicPartitions: null }, unworded)
    }
  }),
  test("ACLs: ListConfigResources", async (probe) => {
    await probe.send(apis.ListConfigResources, 0, {})
    await probe.send(apis.ListConfigResources, 1, { resourceTypes: [] })
    await probe.send(apis.ListConfigResources, 1, { resourceTypes: [99] })
  }),
  test("ACLs: DescribeConfigs, AlterConfigs, IncrementalAlterConfigs", async (probe) => {
    const topics = await madeTopics(probe)
    const resources = [
      ...names(topics).map((resourceName) => ({ resourceType: TOPIC, resourceName })),
      { resourceType: BROKER, resourceName: "1" },
      { resourceType: BROKER, resourceName: "" }
    ]
    const described = resources.map((resource) => ({ ...resource, configurationKeys: ["retention.ms"] }))
    for (const version of [1, 4]) {
      await probe.send(apis.DescribeConfigs, version, { resources: described, includeSynonyms: true })
    }
    const value = "100000"
    for (const validateOnly of [true, false]) {
      await probe.send(apis.AlterConfigs, 2, {
        resources: resources.map((each) => ({ ...each, configs: [{ name: "retention.ms", value }] })),
        validateOnly
      })
      await probe.send(apis.IncrementalAlterConfigs, 1, {
        resources: resources.map((each) => ({
          ...each,
          configs: [{ name: "retention.ms", configOperation: 0, value }]
        })),
        validateOnly
      })
    }
  })
]

const recordCases: ReadonlyArray<Case> = [
  test("ACLs: Produce", async (probe) => {
    const topics = await madeTopics(probe)
    const parts = all(topics).map((topic) => [topic, 0, batch(["v"])] as const)
    for (const version of [3, 8, 11, 13]) await probe.send(apis.Produce, version, produceRequest(parts))
    await probe.send(apis.Produce, 11, produceTo(topics.describe, batch(["v"]), { acks: 2 }), { label: "acks 2" })
    await probe.unanswered(apis.Produce, 11, produceTo(topics.describe, batch(["v"]), { acks: 0 }), { label: "acks 0" })
  }),
  test("ACLs: Produce with a transactional id", async (probe) => {
    const topic = await probe.topic()
    const records = batch(["v"], { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true })
    const transactionalId = `hidden-${probe.name()}`
    await probe.send(apis.Produce, 11, produceTo(topic, records, { transactionalId }))
  }),
  test("ACLs: Fetch", async (probe) => {
    const topics = await madeTopics(probe)
    const named = ({ topic, topicId }: Body): string => topic || all(topics).find(({ id }) => id === topicId)!.name
    for (const version of [4, 7, 12, 13, 17]) {
      const parts = all(topics).map((topic) => ({ topic }))
      const view = (body: Body): Body => ({
        errorCode: body.errorCode,
        responses: [...body.responses].sort((a: Body, b: Body) => named(a) < named(b) ? -1 : 1)
      })
      await probe.send(apis.Fetch, version, fetchRequest(parts.slice(1)), { view, label: `v${version}` })
      await probe.send(apis.Fetch, version, fetchRequest(parts), { view, label: `v${version} ${unknownIdLabel}` })
    }
  }),
  test("ACLs: ListOffsets and OffsetForLeaderEpoch", async (probe) => {
    for (const topic of all(await madeTopics(probe))) {
      await probe.send(apis.ListOffsets, 7, listOffsetsRequest(topic, -1))
      await probe.send(apis.OffsetForLeaderEpoch, 4, {
        replicaId: -1,
        topics: [{ topic: topic.name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }]
      })
    }
  }),
  test("ACLs: DeleteRecords", async (probe) => {
    const topics = names(await madeTopics(probe)).map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, offset: 0 }]
    }))
    await probe.send(apis.DeleteRecords, 2, { topics, timeoutMs: 5_000 })
  }),
  test("ACLs: DescribeProducers", async (probe) => {
    const topics = [...names(await madeTopics(probe)), "a b"].map((name) => ({ name, partitionIndexes: [0, 5] }))
    await probe.send(apis.DescribeProducers, 0, { topics })
  }),
  test("ACLs: InitProducerId", async (probe) => {
    await probe.send(apis.InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1_000 })
    await probe.send(apis.InitProducerId, 4, {
      transactionalId: `hidden-${probe.name()}`,
      transactionTimeoutMs: 1_000
    })
  })
]

const joining = (groupId: string): Body => ({
  groupId,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId: "",
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: new Uint8Array(0) }]
})

const groupCases: ReadonlyArray<Case> = [
  test("ACLs: FindCoordinator", async (probe) => {
    const view = ({ node: _, ...body }: Body): Body => body
    const hidden = `hidden-${probe.name()}`
    for (const keyType of [0, 1]) {
      for (const version of [1, 4]) {
        await probe.send(apis.FindCoordinator, version, { key: hidden, keyType, coordinatorKeys: [hidden] }, { view })
      }
    }
  }),
  test("ACLs: groups", async (probe) => {
    for (const groupId of [`hidden-${probe.name()}`, `describe-${probe.name()}`]) {
      await probe.send(apis.JoinGroup, 9, joining(groupId))
      await probe.send(apis.SyncGroup, 5, { groupId, generationId: 1, memberId: "m", assignments: [] })
      await probe.send(apis.Heartbeat, 4, { groupId, generationId: 1, memberId: "m" })
      const members = [{ memberId: "m", groupInstanceId: null }]
      await probe.send(apis.LeaveGroup, 5, { groupId, memberId: "m", members })
      await probe.send(apis.OffsetDelete, 0, { groupId, topics: [] })
      await probe.send(apis.ConsumerGroupHeartbeat, 0, {
        groupId,
        memberId: "",
        memberEpoch: 0,
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: ["a"],
        topicPartitions: []
      })
      await probe.send(apis.DeleteGroups, 2, { groupsNames: [groupId] })
    }
    await probe.send(apis.ConsumerGroupHeartbeat, 1, {
      groupId: probe.name(),
      memberId: "m",
      memberEpoch: 0,
      rebalanceTimeoutMs: 10_000,
      subscribedTopicNames: ["hidden-topic"],
      topicPartitions: []
    }, { label: "subscribed to a hidden topic" })
    const groupId = `hidden-${probe.name()}`
    await probe.send(apis.DescribeGroups, 5, { groups: [groupId], includeAuthorizedOperations: true })
    await probe.send(apis.ConsumerGroupDescribe, 0, { groupIds: [groupId], includeAuthorizedOperations: true })
  }),
  test("ACLs: offsets of groups", async (probe) => {
    const topics = await madeTopics(probe)
    const committed = names(topics).map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }]
    }))
    const fetched = names(topics).map((name) => ({ name, partitionIndexes: [0] }))
    const open = probe.name()
    await probe.quiet(apis.FindCoordinator, 4, { keyType: 0, coordinatorKeys: [open] })
    await probe.leadersOf("__consumer_offsets")
    for (const groupId of [`hidden-${probe.name()}`, open]) {
      const request = { groupId, generationIdOrMemberEpoch: -1, memberId: "", topics: committed }
      const isReady = (body: Body): boolean =>
        body.topics.every((topic: Body) => ![14, 15, 16].includes(topic.partitions[0].errorCode))
      await probe.until(apis.OffsetCommit, 8, request, isReady, { view: (body) => sorted(body, "topics", "name") })
      await probe.send(apis.OffsetFetch, 7, { groupId, topics: fetched }, {
        view: (body) => sorted(body, "topics", "name")
      })
      await probe.send(apis.OffsetFetch, 8, { groups: [{ groupId, topics: null }] }, {
        view: ({ groups: [group] }) => sorted(group, "topics", "name")
      })
    }
  })
]

export const authorizationCases: ReadonlyArray<Case> = underAcls([...topicCases, ...recordCases, ...groupCases])
