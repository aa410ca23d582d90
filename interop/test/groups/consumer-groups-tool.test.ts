import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type KafkaToolRunner, startKafkaToolRunner } from "../../src/KafkaToolRunner.ts"
import { isMissing, target, uniqueName } from "../../src/Target.ts"
import kafkajs from "kafkajs"

let tools: KafkaToolRunner
const kafka = new kafkajs.Kafka({ brokers: [target.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
const prefix = uniqueName("groups-tool")
const topic = `${prefix}-topic`
const living = `${prefix}-living`
const done = `${prefix}-done`

const groups = (args: ReadonlyArray<string>, mayFail = false): Promise<string> =>
  tools.run("kafka-consumer-groups", ["--bootstrap-server", target.bootstrap, ...args], mayFail)

/** The rows of a table by the name of the column. */
const table = (output: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const rows = output.trim().split("\n").filter((line) => line.trim() !== "").map((line) => line.trim().split(/\s+/))
  const header = rows.findIndex((row) => row[0] === "GROUP" || row[0] === "TOPIC")
  const names = rows[header]!
  return rows.slice(header + 1).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""])))
}

/** Current offsets by partition, as the tool describes them. */
const offsets = async (group: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    table(await groups(["--describe", "--group", group]))
      .filter((row) => row["TOPIC"] === topic)
      .map((row) => [row["PARTITION"]!, row["CURRENT-OFFSET"]!])
  )

const reset = async (...how: ReadonlyArray<string>): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    table(await groups(["--reset-offsets", "--group", done, "--topic", topic, ...how, "--execute"]))
      .map((row) => [row["PARTITION"]!, row["NEW-OFFSET"]!])
  )

describe.skipIf(isMissing("java"))("kafka-consumer-groups", () => {
  const consumer = kafka.consumer({ groupId: living, sessionTimeout: 10_000, heartbeatInterval: 500 })

  beforeAll(async () => {
    tools = startKafkaToolRunner()
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] })
    const producer = kafka.producer()
    await producer.connect()
    for (const partition of [0, 1]) {
      const messages = Array.from({ length: 10 }, (_, i) => ({
        partition,
        value: `${i}`,
        timestamp: String(1_700_000_000_000 + i * 1_000)
      }))
      await producer.send({ topic, messages })
    }
    await producer.disconnect()
    const partitions = [{ partition: 0, offset: "4" }, { partition: 1, offset: "10" }]
    await admin.setOffsets({ groupId: done, topic, partitions })
    await admin.disconnect()
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({ autoCommit: true, autoCommitThreshold: 1, eachMessage: () => Promise.resolve() })
    await joined
  })

  afterAll(async () => {
    await consumer.disconnect()
    tools?.dispose()
  })

  it("lists groups, with their states and types, and by them", async () => {
    const listed = (output: string) => output.split("\n").filter((line) => line.startsWith(prefix)).sort()
    assert.deepStrictEqual(listed(await groups(["--list"])), [done, living])
    const states = table(await groups(["--list", "--state"]))
    assert.strictEqual(states.find((row) => row["GROUP"] === living)?.["STATE"], "Stable")
    assert.strictEqual(states.find((row) => row["GROUP"] === done)?.["STATE"], "Empty")
    const stable = (await groups(["--list", "--state", "Stable"])).split("\n")
    assert.isTrue(stable.some((line) => line.startsWith(living)))
    assert.isFalse(stable.some((line) => line.startsWith(done)))
    const types = table(await groups(["--list", "--type"]))
    assert.strictEqual(types.find((row) => row["GROUP"] === living)?.["TYPE"], "Classic")
    assert.notInclude(await groups(["--list", "--type", "consumer"]), living)
  })

  it("describes offsets, members and state", async () => {
    assert.deepStrictEqual(await offsets(done), { "0": "4", "1": "10" })
    const [row] = table(await groups(["--describe", "--group", done])).filter((each) => each["PARTITION"] === "0")
    assert.deepInclude(row, { "LOG-END-OFFSET": "10", LAG: "6", "CONSUMER-ID": "-" })
    const members = table(await groups(["--describe", "--group", living, "--members", "--verbose"]))
    assert.strictEqual(members.length, 1)
    assert.match(members[0]!["CONSUMER-ID"]!, /^kafkajs-/)
    assert.match(JSON.stringify(members[0]), new RegExp(`${topic}[(:]0,\\s*1`))
    const state = await groups(["--describe", "--group", living, "--state"])
    assert.match(state, new RegExp(`${living}\\s+127\\.0\\.0\\.1:\\d+\\s+\\(1\\)\\s+\\S+\\s+Stable\\s+1`))
    assert.match(await groups(["--describe", "--group", done, "--state"]), /\sEmpty\s+0/)
    assert.match(await groups(["--describe", "--group", `${prefix}-unknown`], true), /not found|does not exist/)
  })

  it("resets offsets in every way", async () => {
    assert.deepStrictEqual(await reset("--to-earliest"), { "0": "0", "1": "0" })
    assert.deepStrictEqual(await offsets(done), { "0": "0", "1": "0" })
    assert.deepStrictEqual(await reset("--to-latest"), { "0": "10", "1": "10" })
    assert.deepStrictEqual(await reset("--to-offset", "7"), { "0": "7", "1": "7" })
    assert.deepStrictEqual(await reset("--shift-by", "-3"), { "0": "4", "1": "4" })
    assert.deepStrictEqual(await reset("--to-offset", "99"), { "0": "10", "1": "10" })
    const at = new Date(1_700_000_000_000 + 6_000).toISOString().replace("Z", "")
    assert.deepStrictEqual(await reset("--to-datetime", at), { "0": "6", "1": "6" })
    assert.deepStrictEqual(await reset("--by-duration", "PT1S"), { "0": "10", "1": "10" })
    assert.deepStrictEqual(await reset("--to-current"), { "0": "10", "1": "10" })
    const dry = await groups([
      "--reset-offsets",
      "--group",
      done,
      "--topic",
      `${topic}:1`,
      "--to-earliest",
      "--dry-run"
    ])
    assert.deepInclude(table(dry)[0], { PARTITION: "1", "NEW-OFFSET": "0" })
    assert.deepStrictEqual(await offsets(done), { "0": "10", "1": "10" })
    const busy = await groups(
      ["--reset-offsets", "--group", living, "--topic", topic, "--to-earliest", "--execute"],
      true
    )
    assert.match(busy, /Assignments can only be reset if the group .* is inactive, but the current state is Stable/)
  })

  it("deletes offsets and groups", async () => {
    const deleted = table(await groups(["--delete-offsets", "--group", done, "--topic", `${topic}:0`]))
    assert.deepInclude(deleted[0], { TOPIC: topic, PARTITION: "0", STATUS: "Successful" })
    assert.deepStrictEqual(await offsets(done), { "1": "10" })
    const subscribed = await groups(["--delete-offsets", "--group", living, "--topic", topic], true)
    assert.match(subscribed, /The consumer group is actively subscribed to the topic|GroupSubscribedToTopic/)
    assert.match(await groups(["--delete", "--group", living], true), /GroupNotEmptyException|is not empty/i)
    assert.match(await groups(["--delete", "--group", done]), /Deletion of requested .* was successful/)
    assert.notInclude(await groups(["--list"]), done)
  })
})
