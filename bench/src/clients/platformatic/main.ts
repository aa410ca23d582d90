/** A load of `@platformatic/kafka`: `produce|consume PORT TOPIC RECORDS RECORD_BYTES ACKS`; prints its figures as JSON. */
import { randomUUID } from "node:crypto"
import { Consumer, Producer } from "@platformatic/kafka"
import { Histogram } from "../../generator/Histogram.ts"
import type { ClientFigures } from "../Client.ts"

const recordsPerSend = 100
const sendsInFlight = 5

const [role, port, topic, recordsText, recordBytesText, acksText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string
]
const records = Number(recordsText)
const base = { clientId: "bench", bootstrapBrokers: [`127.0.0.1:${port}`] }

const produce = async (): Promise<ClientFigures> => {
  const producer = new Producer(base)
  const value = Buffer.alloc(Number(recordBytesText), "kafka")
  const acks = Number(acksText)
  const latency = new Histogram()
  let sent = 0
  let partition = 0
  const partitions = (await producer.metadata({ topics: [topic] })).topics.get(topic)!.partitionsCount
  const startedAt = performance.now()
  const work = async (): Promise<void> => {
    while (sent < records) {
      const count = Math.min(recordsPerSend, records - sent)
      sent += count
      // One partition per send, as producers fill batches that stick to a partition.
      const target = partition++ % partitions
      const at = performance.now()
      await producer.send({
        acks,
        messages: Array.from({ length: count }, () => ({ topic, partition: target, value }))
      })
      latency.add(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: sendsInFlight }, work))
  const seconds = (performance.now() - startedAt) / 1_000
  await producer.close()
  return { records, seconds, latencyMs: latency.percentiles! }
}

const consume = async (): Promise<ClientFigures> => {
  const consumer = new Consumer({ ...base, groupId: randomUUID() })
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false, maxWaitTime: 500 })
  let read = 0
  let startedAt = 0
  for await (const message of stream) {
    if (message.value === undefined) throw new Error("a record without a value")
    if (read++ === 0) startedAt = performance.now()
    if (read === records) break
  }
  const seconds = (performance.now() - startedAt) / 1_000
  await consumer.close(true)
  return { records: read, seconds }
}

console.log(JSON.stringify(await (role === "produce" ? produce() : consume())))
process.exit(0)
