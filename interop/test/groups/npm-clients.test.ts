import { assert, describe, it } from "@effect/vitest"
import { Consumer, Producer } from "@platformatic/kafka"
import kafkajs from "kafkajs"
import { installKafkajsCodecs } from "../../src/kafkajsCodecs.ts"
import { comparable, manyPayloads, type Payload, samplePayloads } from "../../src/Payloads.ts"
import { target, uniqueName } from "../../src/Target.ts"

const payloads = (): ReadonlyArray<Payload> =>
  [...samplePayloads(), ...manyPayloads(300)].map((payload) => ({ ...payload, headers: payload.headers.slice(0, 1) }))

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const

/** Puts the sample records into a new topic, a part of them with each codec. */
const fill = async (): Promise<{ readonly topic: string; readonly expected: ReadonlyArray<Payload> }> => {
  const topic = uniqueName("groups")
  const producer = new Producer({ clientId: "filler", bootstrapBrokers: [target.bootstrap], autocreateTopics: true })
  const expected: Array<Payload> = []
  for (const compression of codecs) {
    const messages = payloads().map((payload) => ({
      topic,
      partition: 0,
      ...(payload.key === null ? {} : { key: payload.key }),
      value: payload.value,
      headers: new Map(payload.headers.map(([name, content]) => [Buffer.from(name), content]))
    }))
    await producer.send({ messages, compression, acks: -1 })
    expected.push(...payloads())
  }
  await producer.close()
  return { topic, expected }
}

describe("consumer groups", () => {
  installKafkajsCodecs()

  it("kafkajs reads every codec byte-equal and continues where it committed", async () => {
    const { expected, topic } = await fill()
    const kafka = new kafkajs.Kafka({ brokers: [target.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const groupId = uniqueName("kafkajs-group")
    const read = async (count: number): Promise<Array<Payload>> => {
      const consumer = kafka.consumer({ groupId, sessionTimeout: 10_000 })
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      const seen: Array<Payload> = []
      await new Promise<void>((resolve, reject) => {
        consumer.run({
          autoCommit: false,
          eachMessage: async ({ message, partition }) => {
            if (seen.length === count) return
            const headers = Object.entries(message.headers ?? {})
              .map(([name, content]) => [name, content as Buffer] as const)
            seen.push({ key: message.key, value: message.value ?? Buffer.alloc(0), headers })
            const offset = String(Number(message.offset) + 1)
            if (seen.length === count) {
              await consumer.commitOffsets([{ topic, partition, offset }]).then(resolve, reject)
            }
          }
        }).catch(reject)
      })
      await consumer.disconnect()
      return seen
    }
    const first = await read(700)
    const rest = await read(expected.length - 700)
    assert.deepStrictEqual(comparable([...first, ...rest]), comparable(expected))
  })

  for (const groupProtocol of ["classic", "consumer"] as const) {
    it(`@platformatic/kafka reads every codec byte-equal through the ${groupProtocol} protocol`, async () => {
      const { expected, topic } = await fill()
      const consumer = new Consumer({
        clientId: "reader",
        groupId: uniqueName("platformatic-group"),
        bootstrapBrokers: [target.bootstrap],
        groupProtocol
      })
      const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: true, maxWaitTime: 200 })
      const seen: Array<Payload> = []
      for await (const message of stream) {
        const headers = [...message.headers].map(([name, content]) => [String(name), content] as const)
        seen.push({ key: message.key ?? null, value: message.value ?? Buffer.alloc(0), headers })
        if (seen.length === expected.length) break
      }
      await consumer.close(true)
      assert.deepStrictEqual(comparable(seen), comparable(expected))
    })
  }
})
