import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import kafkajs from "kafkajs"
import { installKafkajsCodecs } from "../../src/kafkajsCodecs.ts"
import { comparable, manyPayloads, type Payload, samplePayloads } from "../../src/Payloads.ts"
import { readPartition } from "../../src/readPartition.ts"
import { target, uniqueName } from "../../src/Target.ts"

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs

const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

const toMessage = (payload: Payload) => {
  const headers: Record<string, Array<Buffer>> = {}
  for (const [name, content] of payload.headers) (headers[name] ??= []).push(content)
  return { key: payload.key, value: payload.value, headers, partition: 0 }
}

describe("kafkajs", () => {
  installKafkajsCodecs()
  const kafka = new Kafka({
    clientId: "kafkajs",
    brokers: [target.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 }
  })
  const admin = kafka.admin()
  const producer = kafka.producer()
  const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })

  const makeTopic = async (numPartitions = 1, configEntries: Array<{ name: string; value: string }> = []) => {
    const topic = uniqueName("kafkajs")
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] })
    return topic
  }

  beforeAll(async () => {
    await admin.connect()
    await producer.connect()
    await idempotent.connect()
  })
  afterAll(async () => {
    await admin.disconnect()
    await producer.disconnect()
    await idempotent.disconnect()
  })

  it("sees this broker as the cluster and as its controller", async () => {
    const cluster = await admin.describeCluster()
    assert.strictEqual(cluster.brokers.length, 1)
    assert.strictEqual(cluster.brokers[0]!.port, target.port)
    assert.strictEqual(cluster.controller, cluster.brokers[0]!.nodeId)
    assert.match(cluster.clusterId, /^.{22}$/)
  })

  it("creates a topic that is listed and described with its partitions", async () => {
    const topic = await makeTopic(3)
    assert.include(await admin.listTopics(), topic)
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    assert.sameMembers(topics[0]!.partitions.map((partition) => partition.partitionId), [0, 1, 2])
  })

  it("is told that a topic exists and that a name is bad", async () => {
    const topic = await makeTopic()
    assert.isFalse(await admin.createTopics({ topics: [{ topic }] }))
    const bad = await admin.createTopics({ topics: [{ topic: "a b" }] }).then(() => undefined, (error) => error)
    assert.match(String(bad?.errors?.[0]?.type ?? bad), /INVALID_TOPIC_EXCEPTION/)
  })

  it("validates a topic without creating it", async () => {
    const topic = uniqueName("validated")
    assert.isTrue(await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic }] }))
    assert.notInclude(await admin.listTopics(), topic)
  })

  for (const [name, compression] of Object.entries(codecs)) {
    it(`produces records with codec ${name} one by one, and they are stored byte-equal`, async () => {
      const topic = await makeTopic()
      for (const payload of samplePayloads()) {
        await producer.send({ topic, compression, acks: -1, messages: [toMessage(payload)] })
      }
      const stored = await readPartition(topic)
      assert.deepStrictEqual(stored.map((record) => record.offset), [0n, 1n, 2n, 3n, 4n, 5n])
      assert.deepStrictEqual(comparable(stored), comparable(samplePayloads()))
    })

    it(`produces one batch with codec ${name}, and it is stored byte-equal`, async () => {
      const topic = await makeTopic()
      const payloads = [...samplePayloads(), ...manyPayloads(500)]
      const result = await producer.send({ topic, compression, acks: 1, messages: payloads.map(toMessage) })
      assert.strictEqual(result[0]!.baseOffset, "0")
      assert.deepStrictEqual(comparable(await readPartition(topic)), comparable(payloads))
    })
  }

  it("produces idempotently: offsets follow each other", async () => {
    const topic = await makeTopic()
    const offsets: Array<string | undefined> = []
    for (let index = 0; index < 7; index++) {
      const [result] = await idempotent.send({ topic, messages: [{ value: `${index}` }] })
      offsets.push(result!.baseOffset)
    }
    assert.deepStrictEqual(offsets, ["0", "1", "2", "3", "4", "5", "6"])
  })

  it("produces without waiting for an answer (acks 0)", async () => {
    const topic = await makeTopic()
    await producer.send({ topic, acks: 0, messages: [{ value: "unanswered" }] })
    // The connection is answered in order, so this one comes after the record.
    await producer.send({ topic, acks: 1, messages: [{ value: "answered" }] })
    assert.deepStrictEqual((await readPartition(topic)).map((record) => record.value.toString()), [
      "unanswered",
      "answered"
    ])
  })

  it("produces to several topics and partitions in one request", async () => {
    const [one, two] = [await makeTopic(2), await makeTopic(2)]
    const messages = [{ partition: 0, value: "p0" }, { partition: 1, value: "p1" }, { partition: 1, value: "p1b" }]
    await producer.sendBatch({ topicMessages: [{ topic: one, messages }, { topic: two, messages }] })
    for (const topic of [one, two]) {
      assert.deepStrictEqual((await readPartition(topic, 0)).map((record) => record.value.toString()), ["p0"])
      assert.deepStrictEqual((await readPartition(topic, 1)).map((record) => record.value.toString()), ["p1", "p1b"])
    }
  })

  it("reads offsets: ends, starts and by timestamp", async () => {
    const topic = await makeTopic()
    const messages = [1000, 2000, 3000].map((timestamp) => ({ value: "v", timestamp: String(timestamp) }))
    await producer.send({ topic, messages })
    const [offsets] = await admin.fetchTopicOffsets(topic)
    assert.deepInclude(offsets, { partition: 0, low: "0", high: "3", offset: "3" })
    const [atTime] = await admin.fetchTopicOffsetsByTimestamp(topic, 1500)
    assert.strictEqual(atTime!.offset, "1")
  })

  it("deletes records below an offset", async () => {
    const topic = await makeTopic()
    await producer.send({ topic, messages: [{ value: "a" }, { value: "b" }, { value: "c" }] })
    // This client needs to have seen the topic's leader before.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] })
    const [offsets] = await admin.fetchTopicOffsets(topic)
    assert.strictEqual(offsets!.low, "2")
    assert.deepStrictEqual((await readPartition(topic, 0, 2n)).map((record) => record.value.toString()), ["c"])
  })

  it("adds partitions", async () => {
    const topic = await makeTopic(1)
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    assert.strictEqual(topics[0]!.partitions.length, 4)
  })

  it("describes and alters topic configs", async () => {
    const topic = await makeTopic(1, [{ name: "retention.ms", value: "1234567" }])
    const read = async (configName: string) => {
      const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: [configName] }
      const answer = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
      return answer.resources[0]!.configEntries[0]
    }
    assert.deepInclude(await read("retention.ms"), { configValue: "1234567", isDefault: false })
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: [{ name: "cleanup.policy", value: "compact" }]
      }]
    })
    assert.deepInclude(await read("cleanup.policy"), { configValue: "compact" })
    // AlterConfigs replaces the whole set: what was not named is a default again.
    assert.deepInclude(await read("retention.ms"), { configValue: "604800000" })
  })

  it("deletes a topic", async () => {
    const topic = await makeTopic()
    await admin.deleteTopics({ topics: [topic] })
    assert.notInclude(await admin.listTopics(), topic)
  })
})
