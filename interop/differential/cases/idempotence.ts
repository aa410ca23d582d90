import { apis } from "@kafka-broker/core/protocol"
import { batch } from "../batches.ts"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body, Probe, Topic } from "../Probe.ts"
import { fetchRequest, produceRequest, produceTo } from "../requests.ts"

const { DescribeProducers, Fetch, InitProducerId, Produce } = apis

const fresh = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }

/** Kafka answers COORDINATOR_LOAD_IN_PROGRESS until its first block of producer ids has come from the controller. */
const isLoaded = (body: Body): boolean => body.errorCode !== 14

const newProducer = async (probe: Probe): Promise<{ readonly producerId: number; readonly producerEpoch: number }> => {
  const { errorCode, producerEpoch, producerId } = await probe.quietUntil(InitProducerId, 4, fresh, isLoaded)
  if (errorCode !== 0) throw new Error(`InitProducerId: error ${errorCode}`)
  return { producerId, producerEpoch }
}

const describing = (name: string, ...partitionIndexes: ReadonlyArray<number>): Body => ({
  topics: [{ name, partitionIndexes }]
})

/** Sends batches of these [first sequence, number of records, epoch] in turn, and reads what is stored at the end. */
const sequence = (
  name: string,
  batches: ReadonlyArray<readonly [first: number, count: number, epoch?: number]>
): Case =>
  test(`Produce, idempotent: ${name}`, async (probe) => {
    const topic = await probe.topic()
    const producer = await newProducer(probe)
    await send(probe, topic, producer, batches)
    await probe.send(Fetch, 12, fetchRequest([{ topic }]))
  })

const send = async (
  probe: Probe,
  topic: Topic,
  producer: { readonly producerId: number; readonly producerEpoch: number },
  batches: ReadonlyArray<readonly [first: number, count: number, epoch?: number]>
): Promise<void> => {
  for (const [baseSequence, count, epoch] of batches) {
    const values = Array.from({ length: count }, (_, index) => `${baseSequence + index}`)
    const records = batch(values, { ...producer, producerEpoch: epoch ?? producer.producerEpoch, baseSequence })
    const label = `sequence ${baseSequence}, ${count} record(s), epoch ${epoch ?? 0}`
    await probe.send(Produce, 11, produceTo(topic, records), { label })
  }
}

export const idempotenceCases: ReadonlyArray<Case> = [
  ...eachVersion(InitProducerId, [0, 5], "a new producer", async (probe, version) => {
    await probe.until(InitProducerId, version, fresh, isLoaded)
    await probe.until(InitProducerId, version, fresh, isLoaded)
  }),
  ...eachOf(
    {
      "an empty transactional id": { transactionalId: "" },
      "an id without an epoch": { producerId: 7 },
      "an epoch without an id": { producerEpoch: 3 },
      "an id and an epoch": { producerId: 7, producerEpoch: 3 },
      "timeout 0": { transactionTimeoutMs: 0 },
      "timeout -1": { transactionTimeoutMs: -1 },
      "timeout of a day": { transactionTimeoutMs: 86_400_000 }
    },
    (name) => `InitProducerId: ${name}`,
    async (probe, change) => {
      await probe.until(InitProducerId, 4, { ...fresh, ...change }, isLoaded)
    }
  ),
  sequence("batches in order", [[0, 1], [1, 3], [4, 2]]),
  sequence("the last batch again", [[0, 2], [2, 3], [2, 3], [5, 1]]),
  sequence("each of the last five batches again", [[0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [0, 1], [1, 1], [4, 1]]),
  sequence("the sixth last batch again", [[0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [0, 1]]),
  sequence("part of a batch again", [[0, 3], [0, 2], [1, 2]]),
  sequence("a gap", [[0, 1], [2, 1], [1, 1]]),
  sequence("a first sequence that is not 0", [[5, 1], [6, 1]]),
  sequence("an older epoch", [[0, 1, 3], [0, 1, 2]]),
  sequence("a newer epoch from 0", [[0, 1, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1]]),
  sequence("a newer epoch not from 0", [[0, 1, 0], [1, 1, 1]]),
  sequence("sequences that wrap", [[2_147_483_646, 2], [0, 1]]),
  sequence("a batch over the wrap", [[2_147_483_646, 4], [2, 1]]),
  test("Produce, idempotent: a duplicate under log append time", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.type": "LogAppendTime" } })
    await send(probe, topic, await newProducer(probe), [[0, 1], [0, 1]])
  }),
  test("Produce, idempotent: partitions count by themselves", async (probe) => {
    const topic = await probe.topic({ partitions: 2 })
    const records = batch(["v"], { ...await newProducer(probe), baseSequence: 0 })
    await probe.send(Produce, 11, produceRequest([[topic, 0, records], [topic, 1, records]]))
    await probe.send(Produce, 11, produceRequest([[topic, 0, records], [topic, 1, records]]), { label: "again" })
  }),
  test("Produce, idempotent: two producers do not disturb each other", async (probe) => {
    const topic = await probe.topic()
    const [first, second] = [await newProducer(probe), await newProducer(probe)]
    await send(probe, topic, first, [[0, 2]])
    await send(probe, topic, second, [[0, 1], [1, 1]])
    await send(probe, topic, first, [[2, 1], [2, 1]])
  }),
  ...eachOf(
    { "acks 1": 1, "acks 0": 0 },
    (name) => `Produce, idempotent: ${name}`,
    async (probe, acks) => {
      const topic = await probe.topic()
      const records = batch(["v"], { ...await newProducer(probe), baseSequence: 0 })
      if (acks === 0) await probe.unanswered(Produce, 11, produceTo(topic, records, { acks }))
      else await probe.send(Produce, 11, produceTo(topic, records, { acks }))
      await probe.send(Produce, 11, produceTo(topic, records), { label: "again" })
    }
  ),
  test("DescribeProducers: idempotent producers, before and after their batches", async (probe) => {
    const topic = await probe.topic({ partitions: 2 })
    const of = describing(topic.name, 0, 1)
    const [first, second] = [await newProducer(probe), await newProducer(probe)]
    await probe.send(DescribeProducers, 0, of, { label: "no producers" })
    await send(probe, topic, first, [[0, 2]])
    await probe.send(Produce, 11, produceTo(topic, batch(["v"])), { label: "no producer" })
    await probe.send(DescribeProducers, 0, of, { label: "one" })
    await send(probe, topic, second, [[0, 1], [1, 3], [1, 3]])
    await probe.send(DescribeProducers, 0, of, { label: "two" })
    await send(probe, topic, first, [[0, 1, 4], [7, 1, 4]])
    await probe.send(DescribeProducers, 0, of, { label: "a newer epoch, a gap" })
  }),
  test("DescribeProducers: a producer under log append time, one whose sequences wrap", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.type": "LogAppendTime" } })
    await send(probe, topic, await newProducer(probe), [[0, 1]])
    await probe.send(DescribeProducers, 0, describing(topic.name, 0), { label: "log append time" })
    const other = await probe.topic()
    await send(probe, other, await newProducer(probe), [[2_147_483_646, 4]])
    await probe.send(DescribeProducers, 0, describing(other.name, 0), { label: "wrapped" })
  }),
  test("DescribeProducers: unknown topics and partitions, illegal names, nothing", async (probe) => {
    const { name } = await probe.topic()
    for (const topic of ["no-such-topic", "", ".", "a b", "x".repeat(250)]) {
      await probe.send(DescribeProducers, 0, describing(topic, 0, 3), { label: `topic '${topic}'` })
    }
    await probe.send(DescribeProducers, 0, describing(name, 0, 7, -1, 0), { label: "unknown partitions, one twice" })
    await probe.send(DescribeProducers, 0, describing(name), { label: "no partitions" })
    await probe.send(DescribeProducers, 0, { topics: [] }, { label: "no topics" })
    const topics = [...describing(name, 0).topics, ...describing(name, 0).topics]
    await probe.send(DescribeProducers, 0, { topics }, { label: "a topic twice" })
  }),
  ...eachVersion(Produce, [3, 13], "a duplicate and a gap of an idempotent producer", async (probe, version) => {
    const topic = await probe.topic()
    const producer = await newProducer(probe)
    for (const baseSequence of [0, 0, 9]) {
      await probe.send(Produce, version, produceTo(topic, batch(["v"], { ...producer, baseSequence })))
    }
  })
]
