import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { rmSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import kafkajs from "kafkajs"
import { startApacheKafka } from "../../src/ApacheKafka.ts"
import { bootstrapOf, type Broker } from "../../src/Broker.ts"
import { missing, owners, problemsOf } from "../../src/groups/checkGroup.ts"
import {
  franzMembers,
  type GroupOf,
  type JavaProcess,
  kcatMembers,
  type Members,
  npmMembers,
  startJavaProcess
} from "../../src/groups/Members.ts"
import { startOurBroker } from "../../src/OurBroker.ts"
import { makeWorkFolder } from "../../src/Paths.ts"
import { freePorts } from "../../src/Process.ts"
import { isMissing } from "../../src/Target.ts"

const topic = "lives"
const partitionCount = 6

/** Short sessions, so that a killed member is missed soon. */
const settings = {
  "group.consumer.session.timeout.ms": "6000",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.heartbeat.interval.ms": "500",
  "group.consumer.min.heartbeat.interval.ms": "100"
}

const folder = makeWorkFolder("lives")

/** A broker on a port and a directory of its own: it is restarted while its clients live. */
const startBroker = (port: number): Promise<Broker> =>
  process.env["INTEROP_TARGET"] === "apache"
    ? startApacheKafka({ folder, port, properties: settings })
    : startOurBroker({
      port,
      dataDir: `${folder}/data`,
      args: Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`])
    })

const classic = { "session.timeout.ms": "6000", "heartbeat.interval.ms": "500" }
const strategy = (name: string) => ({
  ...classic,
  "partition.assignment.strategy": `org.apache.kafka.clients.consumer.${name}Assignor`
})
const consumer = { "group.protocol": "consumer" }

const javaGroups = (java: JavaProcess, group: (name: string) => GroupOf): ReadonlyArray<Members> => [
  java.members("java range", group("java-range"), strategy("Range")),
  java.members("java cooperative", group("java-cooperative"), strategy("CooperativeSticky")),
  java.members("java static", group("java-static"), strategy("CooperativeSticky"), { instanceIds: true }),
  java.members("java consumer uniform", group("java-uniform"), { ...consumer, "group.remote.assignor": "uniform" }),
  java.members("java consumer range", group("java-consumer-range"), { ...consumer, "group.remote.assignor": "range" }),
  java.members("java consumer pattern", group("java-pattern"), consumer, { pattern: "l.v[e]s" })
]

const groupsOf = (bootstrap: string, java: JavaProcess | undefined): ReadonlyArray<Members> => {
  const group = (name: string): GroupOf => ({ bootstrap, group: `lives-${name}`, topic })
  return [
    npmMembers("kafkajs", group("kafkajs")),
    npmMembers("platformatic-classic", group("platformatic-classic")),
    npmMembers("platformatic-consumer", group("platformatic-consumer")),
    ...(isMissing("kcat") ? [] : [kcatMembers(group("kcat"))]),
    ...(isMissing("go") ? [] : [franzMembers("classic", group("go")), franzMembers("consumer", group("go-consumer"))]),
    ...(java === undefined ? [] : javaGroups(java, group))
  ]
}

/** Whether the partitions are spread evenly over these members and no others. */
const isSpread = (group: Members, members: ReadonlyArray<string>): boolean => {
  const counts = new Map<string, number>()
  for (const owner of owners(group.events).values()) {
    const member = owner.split("/").at(-1)!
    counts.set(member, (counts.get(member) ?? 0) + 1)
  }
  return counts.size === members.length && members.every((one) => counts.get(one) === partitionCount / members.length)
}

/** Writes numbers to all partitions in turn, without end, through every restart. */
class Writer {
  readonly written = new Set<string>()
  private readonly producer: kafkajs.Producer
  private isOver = false
  private loop: Promise<void> = Promise.resolve()
  private count = 0

  constructor(kafka: kafkajs.Kafka) {
    this.producer = kafka.producer({ createPartitioner: () => ({ message }) => Number(message.value) % partitionCount })
  }

  private async writeSome(): Promise<void> {
    const values = Array.from({ length: 12 }, () => String(this.count++))
    await this.producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
    for (const value of values) this.written.add(value)
  }

  async start(): Promise<void> {
    this.isOver = false
    await this.producer.connect()
    this.loop = (async () => {
      while (!this.isOver) {
        await this.writeSome()
        await delay(100)
      }
    })()
  }

  async stop(): Promise<void> {
    this.isOver = true
    await this.loop
  }

  async close(): Promise<void> {
    await this.stop()
    await this.producer.disconnect()
  }
}

/** What went wrong with each group, by name. */
const failures = new Map<string, Array<string>>()
let groups: ReadonlyArray<Members> = []
let written: ReadonlySet<string> = new Set()

/** Waits until every group is as wanted; one that is not in time fails, the others go on. */
const settle = async (what: string, timeoutMs: number, isWanted: (group: Members) => boolean): Promise<void> => {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline && !groups.every(isWanted)) await delay(50)
  for (const group of groups.filter((one) => !isWanted(one))) {
    const spread = [...owners(group.events)].map(([partition, owner]) => `${partition}: ${owner}`).sort().join(", ")
    failures.get(group.name)!.push(`${what}: not in ${timeoutMs} ms; partitions ${spread || "of nobody"}`)
  }
}

/** A static member that is back at once must disturb nobody: neither revoked nor assigned, to whom it was not. */
const bounce = async (group: Members): Promise<void> => {
  const before = group.events.length
  group.leave("m2")
  const deadline = Date.now() + 5_000
  while (Date.now() < deadline && !group.events.slice(before).some((each) => each.event === "left")) await delay(20)
  group.start("m2")
  await settle("a static member is back", 15_000, (one) => one !== group || isSpread(one, ["m1", "m2", "m3"]))
  await delay(1_500)
  const disturbed = group.events.slice(before).filter((each) =>
    !each.member.endsWith("/m2") && (each.event === "assigned" || each.event === "revoked" || each.event === "lost")
  )
  if (disturbed.length > 0) failures.get(group.name)!.push(`the others rebalanced: ${JSON.stringify(disturbed)}`)
}

const readsOn = async (what: string, writer: Writer): Promise<void> => {
  await delay(500)
  const mark = [...writer.written].slice(-partitionCount)
  await settle(what, 45_000, (group) => missing(group.events, mark).length === 0)
}

const live = async (): Promise<void> => {
  const [port] = (await freePorts(1)) as [number]
  let broker = await startBroker(port)
  const java = isMissing("java") ? undefined : startJavaProcess()
  const retry = { initialRetryTime: 100, maxRetryTime: 500, retries: 200 }
  const kafka = new kafkajs.Kafka({ brokers: [bootstrapOf(broker)], logLevel: kafkajs.logLevel.NOTHING, retry })
  const writer = new Writer(kafka)
  written = writer.written
  try {
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitionCount }] })
    await admin.disconnect()
    groups = groupsOf(bootstrapOf(broker), java)
    for (const { name } of groups) failures.set(name, [])
    await writer.start()
    const all = (act: (group: Members) => void) => groups.forEach(act)

    all((group) => group.start("m1"))
    await settle("one member joined", 45_000, (group) => isSpread(group, ["m1"]))
    all((group) => ["m2", "m3"].forEach((member) => group.start(member)))
    await settle("two more joined", 45_000, (group) => isSpread(group, ["m1", "m2", "m3"]))
    for (const group of groups.filter(({ name }) => name === "java static")) await bounce(group)
    all((group) => group.leave("m3"))
    await settle("one left", 30_000, (group) => isSpread(group, ["m1", "m2"]))
    all((group) => group.kill("m2"))
    await settle("one was killed", 30_000, (group) => isSpread(group, ["m1"]))

    await broker.stop()
    broker = await startBroker(port)
    await readsOn("the broker was stopped and started", writer)
    all((group) => group.start("m4"))
    await settle("one joined after the restart", 45_000, (group) => isSpread(group, ["m1", "m4"]))
    await broker.kill()
    broker = await startBroker(port)
    await readsOn("the broker was killed and started", writer)

    await writer.stop()
    await settle("everything was read", 30_000, (group) => missing(group.events, writer.written).length === 0)
    // What commits every now and then has done so.
    await delay(1_500)
    all((group) => ["m1", "m4"].forEach((member) => group.leave(member)))
    const left = (group: Members) => group.events.filter((each) => each.event === "left").length
    await settle("all left", 20_000, (group) => left(group) >= 3)
    all((group) => group.start("m5"))
    await writer.start()
    await settle("another begins where they ended", 45_000, (group) => isSpread(group, ["m5"]))
    await writer.stop()
    await settle("everything was read again", 30_000, (group) => missing(group.events, writer.written).length === 0)
    all((group) => group.leave("m5"))
    await delay(500)
  } finally {
    await writer.close().catch(() => undefined)
    for (const group of groups) group.dispose()
    java?.dispose()
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const names = [
  "kafkajs",
  "platformatic-classic",
  "platformatic-consumer",
  "kcat",
  "franz-go classic",
  "franz-go consumer",
  "java range",
  "java cooperative",
  "java static",
  "java consumer uniform",
  "java consumer range",
  "java consumer pattern"
]

/** What has to be installed for the groups whose names begin so. */
const clients = [
  { prefix: "kcat", client: "kcat" },
  { prefix: "franz-go", client: "go" },
  { prefix: "java", client: "java" }
] as const

describe("groups whose members come, go and die while the broker restarts", () => {
  beforeAll(live, 420_000)
  afterAll(() => {
    if (process.env["INTEROP_EVENTS"] !== undefined) {
      process.stdout.write(groups.map(({ events, name }) => JSON.stringify({ name, events })).join("\n") + "\n")
    }
  })

  for (const name of names) {
    const client = clients.find((one) => name.startsWith(one.prefix))?.client
    it.skipIf(client !== undefined && isMissing(client))(
      `${name}: every record is read, none again, no partition has two owners`,
      () => {
        const group = groups.find((one) => one.name === name)!
        const problems = problemsOf(group.events, written, { handsOnFetched: name.startsWith("platformatic") })
        assert.deepStrictEqual([...failures.get(name)!, ...problems], [])
      }
    )
  }
})
