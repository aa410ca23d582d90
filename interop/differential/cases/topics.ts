import { apis } from "@kafka-broker/core/protocol"
import { batch } from "../batches.ts"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body } from "../Probe.ts"
import { produceRequest, produceTo, unknownId, unknownTopic, zeroId } from "../requests.ts"

const { CreatePartitions, CreateTopics, DeleteRecords, DeleteTopics, ListOffsets, Metadata, Produce } = apis

const wanted = (name: string, options: Body = {}): Body => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...options
})

const create = (topics: ReadonlyArray<Body>, options: Body = {}): Body => ({ topics, timeoutMs: 10_000, ...options })

const assigned = (...brokers: ReadonlyArray<readonly [number, ReadonlyArray<number>]>): Body => ({
  numPartitions: -1,
  replicationFactor: -1,
  assignments: brokers.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }))
})

const badNames: Readonly<Record<string, string>> = {
  "empty": "",
  ".": ".",
  "..": "..",
  "250 characters": "x".repeat(250),
  "a/b": "a/b",
  "a b": "a b",
  "non-ASCII": "größe",
  "a tab": "a\tb",
  "a colon": "a:b",
  "__cluster_metadata": "__cluster_metadata"
}

const badTopics: Readonly<Record<string, Body>> = {
  "0 partitions": { numPartitions: 0 },
  "-2 partitions": { numPartitions: -2 },
  "replication factor 0": { replicationFactor: 0 },
  "replication factor -2": { replicationFactor: -2 },
  "replication factor 2": { replicationFactor: 2 },
  "0 partitions and replication factor 0": { numPartitions: 0, replicationFactor: 0 },
  "0 partitions and replication factor 2": { numPartitions: 0, replicationFactor: 2 },
  "20000 partitions": { numPartitions: 20_000 },
  "assignment and a partition count": { ...assigned([0, [1]]), numPartitions: 1 },
  "assignment and a replication factor": { ...assigned([0, [1]]), replicationFactor: 1 },
  "assignment, count and factor": { ...assigned([0, [1]]), numPartitions: 1, replicationFactor: 1 },
  "assignment from 1": assigned([1, [1]]),
  "assignment with a gap": assigned([0, [1]], [2, [1]]),
  "assignment with a negative index": assigned([-1, [1]]),
  "assignment with an index twice": assigned([0, [1]], [0, [1]]),
  "assignment without replicas": assigned([0, []]),
  "assignment to an unknown broker": assigned([0, [9]]),
  "assignment to a negative broker": assigned([0, [-1]]),
  "assignment to a broker twice": assigned([0, [1, 1]]),
  "assignment to a known and an unknown broker": assigned([0, [1, 2]]),
  "assignment with different lengths": assigned([0, [1]], [1, [1, 1]]),
  "assignment with an empty second": assigned([0, [1]], [1, []]),
  "unknown config": { configs: [{ name: "no.such.config", value: "1" }] },
  "two unknown configs": { configs: [{ name: "b.no", value: "1" }, { name: "a.no", value: "1" }] },
  "null config": { configs: [{ name: "retention.ms", value: null }] },
  "null configs, sorted or not": {
    configs: [{ name: "segment.ms", value: null }, { name: "retention.ms", value: null }]
  },
  "retention.ms abc": { configs: [{ name: "retention.ms", value: "abc" }] },
  "retention.ms -2": { configs: [{ name: "retention.ms", value: "-2" }] },
  "retention.ms empty": { configs: [{ name: "retention.ms", value: "" }] },
  "retention.ms with spaces": { configs: [{ name: "retention.ms", value: " 5000 " }] },
  "retention.bytes 1.5": { configs: [{ name: "retention.bytes", value: "1.5" }] },
  "segment.bytes 1": { configs: [{ name: "segment.bytes", value: "1" }] },
  "segment.bytes above an int": { configs: [{ name: "segment.bytes", value: "2147483648" }] },
  "segment.ms 0": { configs: [{ name: "segment.ms", value: "0" }] },
  "max.message.bytes -1": { configs: [{ name: "max.message.bytes", value: "-1" }] },
  "cleanup.policy unknown": { configs: [{ name: "cleanup.policy", value: "shrink" }] },
  "cleanup.policy none": { configs: [{ name: "cleanup.policy", value: "" }] },
  "cleanup.policy twice": { configs: [{ name: "cleanup.policy", value: "delete,delete" }] },
  "compression.type unknown": { configs: [{ name: "compression.type", value: "brotli" }] },
  "compression.gzip.level 0": { configs: [{ name: "compression.gzip.level", value: "0" }] },
  "compression.lz4.level 99": { configs: [{ name: "compression.lz4.level", value: "99" }] },
  "compression.zstd.level 99": { configs: [{ name: "compression.zstd.level", value: "99" }] },
  "min.insync.replicas 0": { configs: [{ name: "min.insync.replicas", value: "0" }] },
  "min.cleanable.dirty.ratio 2": { configs: [{ name: "min.cleanable.dirty.ratio", value: "2" }] },
  "min.cleanable.dirty.ratio x": { configs: [{ name: "min.cleanable.dirty.ratio", value: "x" }] },
  "preallocate maybe": { configs: [{ name: "preallocate", value: "maybe" }] },
  "message.timestamp.type unknown": { configs: [{ name: "message.timestamp.type", value: "Never" }] },
  "message.timestamp.after.max.ms -1": { configs: [{ name: "message.timestamp.after.max.ms", value: "-1" }] },
  "message.format.version": { configs: [{ name: "message.format.version", value: "2.0" }] },
  "message.timestamp.difference.max.ms": { configs: [{ name: "message.timestamp.difference.max.ms", value: "5" }] },
  "message.downconversion.enable": { configs: [{ name: "message.downconversion.enable", value: "true" }] },
  "min above max compaction lag": {
    configs: [{ name: "min.compaction.lag.ms", value: "100" }, { name: "max.compaction.lag.ms", value: "10" }]
  },
  "leader.replication.throttled.replicas wrong": {
    configs: [{ name: "leader.replication.throttled.replicas", value: "0-1" }]
  },
  "remote.storage.enable": { configs: [{ name: "remote.storage.enable", value: "true" }] },
  "local.retention.ms above retention.ms": {
    configs: [{ name: "retention.ms", value: "10" }, { name: "local.retention.ms", value: "100" }]
  },
  "the same config twice": {
    configs: [{ name: "retention.ms", value: "10" }, { name: "retention.ms", value: "20" }]
  },
  "bad config and 0 partitions": { numPartitions: 0, configs: [{ name: "retention.ms", value: "abc" }] },
  "bad config and a bad assignment": { ...assigned([3, [9]]), configs: [{ name: "retention.ms", value: "abc" }] }
}

const goodTopics: Readonly<Record<string, Body>> = {
  "defaults": { numPartitions: -1, replicationFactor: -1 },
  "three partitions": { numPartitions: 3 },
  "an assignment": assigned([0, [1]], [1, [1]]),
  "an assignment out of order": assigned([1, [1]], [0, [1]]),
  "a config": { configs: [{ name: "retention.ms", value: "5000" }] },
  "a config with its default": { configs: [{ name: "cleanup.policy", value: "delete" }] },
  "every kind of config": {
    configs: Object.entries({
      "cleanup.policy": "compact,delete",
      "compression.type": "zstd",
      "delete.retention.ms": "1000",
      "file.delete.delay.ms": "1000",
      "flush.messages": "10",
      "flush.ms": "1000",
      "index.interval.bytes": "100",
      "max.compaction.lag.ms": "100000",
      "max.message.bytes": "5000",
      "message.timestamp.after.max.ms": "1000",
      "message.timestamp.before.max.ms": "1000",
      "message.timestamp.type": "LogAppendTime",
      "min.cleanable.dirty.ratio": "0.25",
      "min.compaction.lag.ms": "10",
      "min.insync.replicas": "1",
      "preallocate": "true",
      "retention.bytes": "-1",
      "retention.ms": "-1",
      "segment.bytes": "1048576",
      "segment.index.bytes": "1000",
      "segment.jitter.ms": "5",
      "segment.ms": "10000",
      "unclean.leader.election.enable": "true"
    }).map(([name, value]) => ({ name, value }))
  }
}

const creating: ReadonlyArray<Case> = [
  ...eachVersion(CreateTopics, [2, 7], "a topic, its metadata, the same again", async (probe, version) => {
    const name = probe.name()
    const body = create([wanted(name, { numPartitions: 2, configs: [{ name: "retention.ms", value: "9000" }] })])
    await probe.send(CreateTopics, version, body)
    await probe.leadersOf(name)
    await probe.idOf(name)
    await probe.send(Metadata, 12, { topics: [{ topicId: zeroId, name }], includeTopicAuthorizedOperations: false })
    await probe.send(CreateTopics, version, body, { label: "again" })
  }),
  ...eachVersion(CreateTopics, [2, 7], "bad name, count, factor, config", async (probe, version) => {
    const [first, second, third] = [probe.name(), probe.name(), probe.name()]
    await probe.send(
      CreateTopics,
      version,
      create([
        wanted("a b"),
        wanted(first, { numPartitions: 0 }),
        wanted(second, { replicationFactor: 4 }),
        wanted(third, { configs: [{ name: "retention.ms", value: "soon" }] }),
        wanted(probe.name())
      ])
    )
  }),
  ...eachVersion(CreateTopics, [2, 7], "validateOnly makes no topic", async (probe, version) => {
    const name = probe.name()
    await probe.send(CreateTopics, version, create([wanted(name), wanted("a b")], { validateOnly: true }))
    await probe.send(Metadata, 12, {
      topics: [{ topicId: zeroId, name }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false
    })
  }),
  ...eachOf(badNames, (name) => `CreateTopics: name ${name}`, async (probe, name) => {
    await probe.send(CreateTopics, 7, create([wanted(name)]))
  }),
  ...eachOf(badTopics, (name) => `CreateTopics: ${name}`, async (probe, options) => {
    await probe.send(CreateTopics, 7, create([wanted(probe.name(), options)]))
  }),
  ...eachOf(goodTopics, (name) => `CreateTopics: ${name}`, async (probe, options) => {
    const name = probe.name()
    await probe.send(CreateTopics, 7, create([wanted(name, options)]))
    await probe.leadersOf(name)
    await probe.idOf(name)
    await probe.send(Metadata, 12, { topics: [{ topicId: zeroId, name }], includeTopicAuthorizedOperations: true })
  }),
  test("CreateTopics: names that collide", async (probe) => {
    const name = probe.name()
    await probe.send(CreateTopics, 7, create([wanted(`${name}.a_b`)]))
    await probe.leadersOf(`${name}.a_b`)
    await probe.send(CreateTopics, 7, create([wanted(`${name}_a.b`)]), { label: "collides" })
    await probe.send(CreateTopics, 7, create([wanted(`${name}_c.d`), wanted(`${name}.c_d`)]), {
      label: "in one request"
    })
  }),
  test("CreateTopics: the same name twice", async (probe) => {
    const [name, other] = [probe.name(), probe.name()]
    await probe.send(CreateTopics, 7, create([wanted(name), wanted(other), wanted(name, { numPartitions: 5 })]))
  }),
  test("CreateTopics: no topics", async (probe) => {
    await probe.send(CreateTopics, 7, create([]))
  }),
  test("CreateTopics: an internal name", async (probe) => {
    await probe.send(
      CreateTopics,
      7,
      create([wanted("__share_group_state_not"), wanted("__transaction_state")], {
        validateOnly: true
      })
    )
  }),
  test("CreateTopics: 249 characters", async (probe) => {
    const name = `${probe.name()}-`.padEnd(249, "x")
    await probe.send(CreateTopics, 7, create([wanted(name)]))
  }),
  test("CreateTopics: an existing topic with bad settings", async (probe) => {
    const { name } = await probe.topic()
    await probe.send(CreateTopics, 7, create([wanted(name, { numPartitions: 0 })]))
    await probe.send(CreateTopics, 7, create([wanted(name, { configs: [{ name: "x", value: "y" }] })]))
  })
]

const growing: ReadonlyArray<Case> = [
  ...eachVersion(CreatePartitions, [0, 3], "more, fewer, as many, unknown topic", async (probe, version) => {
    const topic = await probe.topic({ partitions: 2 })
    const ask = (name: string, count: number, assignments: Body = null): Body => ({
      topics: [{ name, count, assignments }],
      timeoutMs: 5_000,
      validateOnly: false
    })
    for (const count of [1, 2, 0, -1, 4]) {
      await probe.send(CreatePartitions, version, ask(topic.name, count), { label: `count ${count}` })
    }
    await probe.send(CreatePartitions, version, ask("no-such-topic", 4), { label: "unknown" })
    await probe.leadersOf(topic.name)
    await probe.until(Metadata, 12, {
      topics: [{ topicId: zeroId, name: topic.name }],
      includeTopicAuthorizedOperations: false
    }, (body) => body.topics[0].partitions.length === 4)
  }),
  ...eachOf<Body>(
    {
      "fitting": [{ brokerIds: [1] }, { brokerIds: [1] }],
      "too short": [{ brokerIds: [1] }],
      "too long": [{ brokerIds: [1] }, { brokerIds: [1] }, { brokerIds: [1] }],
      "empty": [],
      "without replicas": [{ brokerIds: [] }, { brokerIds: [1] }],
      "to an unknown broker": [{ brokerIds: [1] }, { brokerIds: [7] }],
      "to a broker twice": [{ brokerIds: [1, 1] }, { brokerIds: [1, 1] }],
      "with another replication factor": [{ brokerIds: [1, 2] }, { brokerIds: [1, 2] }]
    },
    (name) => `CreatePartitions: an assignment ${name}`,
    async (probe, assignments) => {
      const topic = await probe.topic({ partitions: 2 })
      const topics = [{ name: topic.name, count: 4, assignments }]
      await probe.send(CreatePartitions, 3, { topics, timeoutMs: 5_000, validateOnly: false })
    }
  ),
  test("CreatePartitions: validateOnly", async (probe) => {
    const topic = await probe.topic()
    const topics = [{ name: topic.name, count: 4, assignments: null }]
    await probe.send(CreatePartitions, 3, { topics, timeoutMs: 5_000, validateOnly: true })
    const described = await probe.quiet(Metadata, 12, {
      topics: [{ topicId: zeroId, name: topic.name }],
      includeTopicAuthorizedOperations: false
    })
    probe.record("partitions", "Metadata", described.topics[0].partitions.length)
  }),
  test("CreatePartitions: the same topic twice", async (probe) => {
    const topic = await probe.topic()
    const topics = [2, 3].map((count) => ({ name: topic.name, count, assignments: null }))
    await probe.send(CreatePartitions, 3, { topics, timeoutMs: 5_000, validateOnly: false })
  })
]

/** A DeleteTopics request by name for every version. */
const remove = (...names: ReadonlyArray<string>): Body => ({
  topicNames: names,
  topics: names.map((name) => ({ name, topicId: zeroId })),
  timeoutMs: 5_000
})

const deleting: ReadonlyArray<Case> = [
  ...eachVersion(DeleteTopics, [1, 6], "a topic, an unknown one, the same again", async (probe, version) => {
    const topic = await probe.topic()
    await probe.send(DeleteTopics, version, remove(topic.name, "no-such-topic"))
    await probe.send(DeleteTopics, version, remove(topic.name), { label: "again" })
    await probe.until(Metadata, 12, {
      topics: [{ topicId: zeroId, name: topic.name }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false
    }, (body) => body.topics[0].errorCode !== 0)
  }),
  test("DeleteTopics: by id", async (probe) => {
    const topic = await probe.topic()
    const ask = (topics: Body): Body => ({ topics, topicNames: [], timeoutMs: 5_000 })
    await probe.send(DeleteTopics, 6, ask([{ name: null, topicId: unknownId }]), { label: "unknown id" })
    await probe.send(DeleteTopics, 6, ask([{ name: topic.name, topicId: topic.id }]), { label: "id and name" })
    await probe.send(DeleteTopics, 6, ask([{ name: null, topicId: zeroId }]), { label: "neither" })
    await probe.send(DeleteTopics, 6, ask([{ name: null, topicId: topic.id }]), { label: "id" })
  }),
  test("DeleteTopics: twice in one request", async (probe) => {
    const topic = await probe.topic()
    await probe.send(DeleteTopics, 6, remove(topic.name, topic.name), { label: "name twice" })
    const both = [{ name: topic.name, topicId: zeroId }, { name: null, topicId: topic.id }]
    await probe.send(DeleteTopics, 6, { topics: both, timeoutMs: 5_000 }, { label: "name and id" })
    const ids = [{ name: null, topicId: topic.id }, { name: null, topicId: topic.id }]
    await probe.send(DeleteTopics, 6, { topics: ids, timeoutMs: 5_000 }, { label: "id twice" })
  }),
  test("DeleteTopics: none, and bad names", async (probe) => {
    await probe.send(DeleteTopics, 6, remove())
    await probe.send(DeleteTopics, 6, remove("", "a b", ".."))
  })
]

const trimming: ReadonlyArray<Case> = [
  ...eachVersion(DeleteRecords, [0, 2], "to an offset, the end, beyond, unknown", async (probe, version) => {
    const topic = await probe.topic({ partitions: 2 })
    await probe.quiet(Produce, 11, produceTo(topic, batch(["a", "b", "c", "d"])))
    const ask = (name: string, partitionIndex: number, offset: number): Body => ({
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
      timeoutMs: 5_000
    })
    for (const offset of [2, 1, 0, -2, 5, -1]) {
      await probe.send(DeleteRecords, version, ask(topic.name, 0, offset), { label: `offset ${offset}` })
    }
    await probe.send(DeleteRecords, version, ask(topic.name, 1, -1), { label: "empty partition" })
    await probe.send(DeleteRecords, version, ask(topic.name, 5, 0), { label: "unknown partition" })
    await probe.send(DeleteRecords, version, ask("no-such-topic", 0, 0), { label: "unknown topic" })
    for (const timestamp of [-2, -1]) {
      await probe.send(ListOffsets, 7, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp }] }]
      })
    }
    await probe.send(Produce, 11, produceTo(topic), { label: "log start offset in the next answer" })
  }),
  test("DeleteRecords: several partitions, the same twice", async (probe) => {
    const topic = await probe.topic({ partitions: 2 })
    await probe.quiet(Produce, 11, produceRequest([[topic, 0, batch(["a", "b"])], [topic, 1, batch(["a", "b"])]]))
    const partitions = [0, 1, 6].map((partitionIndex) => ({ partitionIndex, offset: 1 }))
    await probe.send(DeleteRecords, 2, { topics: [{ name: topic.name, partitions }], timeoutMs: 5_000 })
  }),
  test("DeleteRecords: a compacted topic", async (probe) => {
    const topic = await probe.topic({ configs: { "cleanup.policy": "compact" } })
    await probe.quiet(Produce, 11, produceTo(topic))
    const partitions = [{ partitionIndex: 0, offset: 1 }]
    await probe.send(DeleteRecords, 2, { topics: [{ name: topic.name, partitions }], timeoutMs: 5_000 })
  }),
  test("DeleteRecords: nothing", async (probe) => {
    await probe.send(DeleteRecords, 2, { topics: [], timeoutMs: 5_000 })
    await probe.send(DeleteRecords, 2, { topics: [{ name: unknownTopic.name, partitions: [] }], timeoutMs: 5_000 })
  })
]

const timeouts = eachOf(
  { "0": 0, "-1": -1 },
  (timeoutMs) => `Topics: timeout ${timeoutMs}`,
  async (probe, timeoutMs) => {
    const topic = await probe.topic()
    const name = probe.name()
    for (const validateOnly of [true, false]) {
      await probe.send(CreateTopics, 7, { topics: [wanted(name)], timeoutMs, validateOnly }, {
        view: (body) => body.topics.map(({ errorCode, errorMessage }: Body) => ({ errorCode, errorMessage }))
      })
    }
    const topics = [{ name: topic.name, count: 2, assignments: null }]
    await probe.send(CreatePartitions, 3, { topics, timeoutMs, validateOnly: false })
    await probe.send(DeleteTopics, 6, { topics: [{ name: topic.name, topicId: zeroId }], timeoutMs })
    await probe.send(DeleteRecords, 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 0 }] }],
      timeoutMs
    }, { label: "records" })
  }
)

export const topicCases: ReadonlyArray<Case> = [...creating, ...growing, ...deleting, ...trimming, ...timeouts]
