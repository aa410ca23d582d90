/**
 * kafkajs against a broker that runs on its own. Start one with `npx -y pnpm@12 start`, then
 *
 *     node examples/src/standalone-with-kafkajs.ts 127.0.0.1:9092
 */
import kafkajs from "kafkajs"

/** Creates a topic, sends two greetings to it and returns its end offsets by partition. */
export const sendGreetings = async (bootstrap: string, topic: string): Promise<ReadonlyMap<number, string>> => {
  const kafka = new kafkajs.Kafka({ clientId: "greetings", brokers: [bootstrap], logLevel: kafkajs.logLevel.ERROR })
  const admin = kafka.admin()
  const producer = kafka.producer()
  await Promise.all([admin.connect(), producer.connect()])
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await producer.send({
      topic,
      acks: -1,
      messages: [{ key: "en", value: "hello" }, { key: "de", value: "hallo" }]
    })
    const offsets = await admin.fetchTopicOffsets(topic)
    return new Map(offsets.map(({ high, partition }) => [partition, high]))
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()])
  }
}

if (import.meta.main) {
  const bootstrap = process.argv[2] ?? "127.0.0.1:9092"
  for (const [partition, endOffset] of await sendGreetings(bootstrap, "greetings")) {
    console.log(`partition ${partition} ends at offset ${endOffset}`)
  }
}
