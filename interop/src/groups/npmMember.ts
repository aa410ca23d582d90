/**
 * One member of a group in a process of its own: `npmMember.ts CLIENT BOOTSTRAP MEMBER GROUP TOPIC`, where CLIENT is
 * `kafkajs`, `platformatic-classic` or `platformatic-consumer`. Tells what happens as `MemberEvent` lines; SIGTERM makes
 * it commit and leave.
 */
import { once } from "node:events"
import { Consumer } from "@platformatic/kafka"
import kafkajs from "kafkajs"
import { type MemberEvent, nowMicros } from "./MemberEvent.ts"

const [client, bootstrap, member, groupId, topic] = process.argv.slice(2) as [string, string, string, string, string]

type Told = MemberEvent extends infer Event ? Event extends MemberEvent ? Omit<Event, "member" | "at"> : never : never

const tell = (event: Told): void => {
  process.stdout.write(`${JSON.stringify({ ...event, member, at: nowMicros() })}\n`)
}

let owned: ReadonlyArray<number> = []

/** What is owned from now on. */
const own = (partitions: ReadonlyArray<number>): void => {
  const gone = owned.filter((one) => !partitions.includes(one))
  const fresh = partitions.filter((one) => !owned.includes(one))
  owned = partitions
  if (gone.length > 0) tell({ event: "revoked", partitions: gone })
  if (fresh.length > 0) tell({ event: "assigned", partitions: fresh })
}

const runKafkajs = async (): Promise<void> => {
  const retry = { initialRetryTime: 100, maxRetryTime: 500, retries: 100 }
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING, retry })
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6_000, heartbeatInterval: 500, rebalanceTimeout: 6_000 })
  const { COMMIT_OFFSETS, CRASH, GROUP_JOIN, REBALANCING } = consumer.events
  consumer.on(REBALANCING, () => own([]))
  consumer.on(CRASH, ({ payload }) => tell({ event: "error", message: String(payload.error) }))
  consumer.on(GROUP_JOIN, ({ payload }) => own(payload.memberAssignment[topic] ?? []))
  consumer.on(COMMIT_OFFSETS, ({ payload }) => {
    const partitions = payload.topics.flatMap((each) => each.partitions)
    tell({
      event: "committed",
      offsets: Object.fromEntries(partitions.map(({ offset, partition }) => [partition, Number(offset)]))
    })
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: true,
    eachBatchAutoResolve: true,
    partitionsConsumedConcurrently: 1,
    eachBatch: ({ batch }) => {
      tell({
        event: "records",
        partition: batch.partition,
        offsets: batch.messages.map(({ offset }) => Number(offset)),
        values: batch.messages.map(({ value }) => String(value))
      })
      return Promise.resolve()
    }
  })
  await once(process, "SIGTERM")
  await consumer.disconnect()
}

const runPlatformatic = async (groupProtocol: "classic" | "consumer"): Promise<void> => {
  const consumer = new Consumer({
    clientId: member,
    groupId,
    bootstrapBrokers: [bootstrap],
    retries: 100,
    retryDelay: 200,
    timeout: 5_000,
    ...(groupProtocol === "consumer"
      ? { groupProtocol }
      : { groupProtocol, sessionTimeout: 6_000, heartbeatInterval: 500, rebalanceTimeout: 6_000 })
  })
  const partitionsOf = (assignments: Consumer["assignments"]) =>
    assignments?.find((each) => each.topic === topic)?.partitions ?? []
  const assigned = () => partitionsOf(consumer.assignments)
  if (groupProtocol === "consumer") {
    // No event tells of partitions that came or went by a heartbeat; the field is set before the broker hears of it.
    let current = consumer.assignments
    Object.defineProperty(consumer, "assignments", {
      get: () => current,
      set: (next: Consumer["assignments"]) => {
        current = next
        own(partitionsOf(next))
      }
    })
  } else {
    consumer.on("consumer:group:rebalance", () => own([]))
    consumer.on("consumer:group:join", () => own(assigned()))
  }
  const stream = await consumer.consume({
    topics: [topic],
    mode: "committed",
    fallbackMode: "earliest",
    autocommit: false,
    maxWaitTime: 200
  })
  own(assigned())
  stream.on("error", (error: Error) => tell({ event: "error", message: String(error) }))
  let ended = false
  process.once("SIGTERM", () => {
    ended = true
    consumer.close(true).then(() => process.exit(0), () => process.exit(1))
  })
  for await (const message of stream) {
    const { offset, partition } = message
    tell({ event: "records", partition, offsets: [Number(offset)], values: [String(message.value)] })
    try {
      await message.commit()
      tell({ event: "committed", offsets: { [partition]: Number(offset) + 1 } })
    } catch (error) {
      if (!ended) tell({ event: "error", message: String(error) })
    }
  }
}

process.on("uncaughtException", (error) => tell({ event: "error", message: String(error) }))
process.on("unhandledRejection", (error) => tell({ event: "error", message: String(error) }))
process.on("exit", () => tell({ event: "left" }))
await (client === "kafkajs"
  ? runKafkajs()
  : runPlatformatic(client === "platformatic-classic" ? "classic" : "consumer"))
process.exit(0)
