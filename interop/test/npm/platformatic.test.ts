import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Admin, ConfigResourceTypes, type MessageToProduce, Producer } from "@platformatic/kafka"
import { comparable, manyPayloads, type Payload, samplePayloads } from "../../src/Payloads.ts"
import { readPartition } from "../../src/readPartition.ts"
import { target, uniqueName } from "../../src/Target.ts"

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const

/** This client keeps headers in a map, so only one header of each name can be sent. */
const payloads = (): ReadonlyArray<Payload> =>
  samplePayloads().map((payload) => ({ ...payload, headers: payload.headers.slice(0, 1) }))

const toMessage = (topic: string, payload: Payload): MessageToProduce => ({
  topic,
  partition: 0,
  ...(payload.key === null ? {} : { key: payload.key }),
  value: payload.value,
  headers: new Map(payload.headers.map(([name, content]) => [Buffer.from(name), content]))
})

describe("@platformatic/kafka", () => {
  const options = { clientId: "platformatic", bootstrapBrokers: [target.bootstrap], retries: 3, strict: true }
  const admin = new Admin(options)
  const producer = new Producer(options)
  const idempotent = new Producer({ ...options, idempotent: true, acks: -1 })

  const makeTopic = async (partitions = 1, configs: Array<{ name: string; value: string }> = []) => {
    const topic = uniqueName("platformatic")
    await admin.createTopics({ topics: [{ topic, partitions, replicas: 1 }], configs })
    return topic
  }

  beforeAll(async () => {
    await admin.metadata({ topics: [] })
  })
  afterAll(async () => {
    await admin.close()
    await producer.close()
    await idempotent.close()
  })

  it("creates, lists and deletes topics", async () => {
    const topic = uniqueName("platformatic")
    const [created] = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
    assert.deepInclude(created, { name: topic, partitions: 2, replicas: 1 })
    assert.match(created!.id, /^[0-9a-f-]{36}$/)
    assert.strictEqual(created!.configuration["cleanup.policy"], "delete")
    assert.include(await admin.listTopics(), topic)
    await admin.deleteTopics({ topics: [topic] })
    assert.notInclude(await admin.listTopics(), topic)
  })

  it("reads partitions and leaders from the metadata", async () => {
    const topic = await makeTopic(3)
    const metadata = await admin.metadata({ topics: [topic] })
    const described = metadata.topics.get(topic)!
    const [broker] = [...metadata.brokers]
    assert.strictEqual(described.partitionsCount, 3)
    assert.deepStrictEqual(described.partitions.map((partition) => partition.leader), Array(3).fill(broker![0]))
    assert.deepInclude(broker![1], { host: target.host, port: target.port })
  })

  for (const compression of codecs) {
    it(`produces records with codec ${compression} one by one, and they are stored byte-equal`, async () => {
      const topic = await makeTopic()
      for (const [index, payload] of payloads().entries()) {
        const { offsets } = await producer.send({ messages: [toMessage(topic, payload)], compression, acks: -1 })
        assert.deepStrictEqual(offsets, [{ topic, partition: 0, offset: BigInt(index) }])
      }
      assert.deepStrictEqual(comparable(await readPartition(topic)), comparable(payloads()))
    })

    it(`produces one batch with codec ${compression}, and it is stored byte-equal`, async () => {
      const topic = await makeTopic()
      const all = [...payloads(), ...manyPayloads(500)]
      await producer.send({ messages: all.map((payload) => toMessage(topic, payload)), compression, acks: 1 })
      assert.deepStrictEqual(comparable(await readPartition(topic)), comparable(all))
    })
  }

  it("produces idempotently: offsets follow each other", async () => {
    const topic = await makeTopic()
    for (let index = 0; index < 7; index++) {
      const { offsets } = await idempotent.send({ messages: [toMessage(topic, samplePayloads()[1]!)] })
      assert.deepStrictEqual(offsets, [{ topic, partition: 0, offset: BigInt(index) }])
    }
  })

  it("produces without waiting for an answer (acks 0)", async () => {
    const topic = await makeTopic()
    await producer.send({ messages: [toMessage(topic, samplePayloads()[0]!)], acks: 0 })
    await producer.send({ messages: [toMessage(topic, samplePayloads()[1]!)], acks: 1 })
    assert.deepStrictEqual(comparable(await readPartition(topic)), comparable(samplePayloads().slice(0, 2)))
  })

  it("lists offsets by special and by real timestamps", async () => {
    const topic = await makeTopic()
    const messages = [1000n, 2000n, 3000n].map((timestamp) => ({
      ...toMessage(topic, samplePayloads()[0]!),
      timestamp
    }))
    await producer.send({ messages, acks: -1 })
    const at = async (timestamp: bigint) => {
      const [answer] = await admin.listOffsets({
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }]
      })
      return answer!.partitions[0]!
    }
    assert.strictEqual((await at(-1n)).offset, 3n)
    assert.strictEqual((await at(-2n)).offset, 0n)
    assert.deepInclude(await at(-3n), { offset: 2n, timestamp: 3000n })
    assert.deepInclude(await at(1500n), { offset: 1n, timestamp: 2000n })
    assert.deepInclude(await at(9000n), { offset: -1n, timestamp: -1n })
  })

  it("deletes records below an offset", async () => {
    const topic = await makeTopic()
    await producer.send({ messages: manyPayloads(5).map((payload) => toMessage(topic, payload)), acks: -1 })
    const answer = await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 3n }] }] })
    assert.strictEqual(answer[0]!.partitions[0]!.lowWatermark, 3n)
    assert.deepStrictEqual((await readPartition(topic, 0, 3n)).map((record) => record.offset), [3n, 4n])
  })

  it("adds partitions", async () => {
    const topic = await makeTopic(1)
    await admin.createPartitions({ topics: [{ name: topic, count: 3 }], validateOnly: false })
    const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
    assert.strictEqual(metadata.topics.get(topic)!.partitionsCount, 3)
  })

  it("describes and incrementally alters topic configs", async () => {
    const topic = await makeTopic(1, [{ name: "retention.ms", value: "1234567" }])
    const resourceType = ConfigResourceTypes.TOPIC
    await admin.incrementalAlterConfigs({
      resources: [{
        resourceType,
        resourceName: topic,
        configs: [{ name: "cleanup.policy", configOperation: 0, value: "compact,delete" }]
      }]
    })
    const [answer] = await admin.describeConfigs({
      resources: [{ resourceType, resourceName: topic, configurationKeys: ["retention.ms", "cleanup.policy"] }]
    })
    const values = Object.fromEntries(answer!.configs.map((config) => [config.name, config.value]))
    assert.deepStrictEqual(values, { "retention.ms": "1234567", "cleanup.policy": "compact,delete" })
  })

  it("describes log folders with sizes", async () => {
    const topic = await makeTopic(1)
    await producer.send({ messages: manyPayloads(5).map((payload) => toMessage(topic, payload)), acks: -1 })
    const [broker] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0] }] })
    const described = broker!.results[0]!.topics.find((candidate) => candidate.name === topic)
    assert.isAbove(Number(described!.partitions[0]!.partitionSize), 100)
  })
})
