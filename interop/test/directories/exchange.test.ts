import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { rmSync, writeFileSync } from "node:fs"
import { startApacheKafka } from "../../src/ApacheKafka.ts"
import { bootstrapOf, type Broker } from "../../src/Broker.ts"
import { type KafkaToolRunner, startKafkaToolRunner } from "../../src/KafkaToolRunner.ts"
import { runKafkaTool } from "../../src/KafkaTools.ts"
import { startOurBroker } from "../../src/OurBroker.ts"
import { makeWorkFolder } from "../../src/Paths.ts"
import { isMissing } from "../../src/Target.ts"

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const
const perCodec = 40

type Start = (folder: string) => Promise<Broker>
const kafka: Start = (folder) => startApacheKafka({ folder })
const ours: Start = (folder) => startOurBroker({ dataDir: `${folder}/data` })

let tools: KafkaToolRunner

const run = async (
  broker: Broker,
  name: Parameters<typeof runKafkaTool>[0],
  args: ReadonlyArray<string>,
  input?: string
) => {
  const allArgs = ["--bootstrap-server", bootstrapOf(broker), ...args]
  // Only what reads standard input needs a process of its own.
  if (input === undefined) return tools.run(name, allArgs)
  const result = await runKafkaTool(name, allArgs, { timeoutMs: 60_000, input })
  assert.strictEqual(result.code, 0, `${name} ${args.join(" ")} on ${broker.name}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

const lines = (codec: string, round: number): ReadonlyArray<string> =>
  Array.from({ length: perCodec }, (_, i) => `${codec}-${round}-${i}-${"x".repeat(i)}`)

/** One topic per codec with a config of its own, and records in its two partitions. */
const create = async (broker: Broker) => {
  for (const codec of codecs) {
    const settings = ["--partitions", "2", "--config", "retention.ms=123456789", "--config", "segment.bytes=1048576"]
    await run(broker, "kafka-topics", ["--create", "--topic", `exchange-${codec}`, ...settings])
  }
}

const fill = async (broker: Broker, round: number) => {
  for (const codec of codecs) {
    const args = ["--topic", `exchange-${codec}`, "--compression-codec", codec, "--command-property", "batch.size=512"]
    await run(broker, "kafka-console-producer", args, lines(codec, round).join("\n") + "\n")
  }
}

/** Every record of a topic in order of its text: the producer spreads batches over the partitions. */
const readAll = async (broker: Broker, codec: string): Promise<ReadonlyArray<string>> => {
  const args = ["--topic", `exchange-${codec}`]
  const read: Array<string> = []
  for (const line of (await run(broker, "kafka-get-offsets", args)).trim().split("\n")) {
    const [, partition, end] = line.split(":") as [string, string, string]
    if (end === "0") continue
    const from = ["--partition", partition, "--offset", "earliest", "--max-messages", end]
    read.push(...(await run(broker, "kafka-console-consumer", [...args, ...from])).trimEnd().split("\n"))
  }
  return read.sort()
}

/** Kafka shows its cluster-wide default of min.insync.replicas beside a topic's own configs, in no fixed order. */
const ownConfigs = (configs: string): ReadonlyArray<string> =>
  configs.split(",").filter((config) => !config.startsWith("min.insync.replicas=")).sort()

const describeTopics = async (broker: Broker): Promise<ReadonlyArray<string>> =>
  (await run(broker, "kafka-topics", ["--describe"])).split("\n")
    .filter((line) => line.startsWith("Topic: exchange-"))
    .map((line) => line.replace(/Configs: (.*)$/, (_, configs: string) => `Configs: ${ownConfigs(configs).join(",")}`))
    .sort()

const group = "exchange-group"

/** Commits an offset of its own in each partition of two topics. */
const commit = async (broker: Broker) => {
  for (const [index, codec] of codecs.slice(0, 2).entries()) {
    const partitions = [0, 1].map((partition) => `exchange-${codec},${partition},${index * 2 + partition + 1}`)
    const file = `${makeWorkFolder("offsets")}/offsets.csv`
    writeFileSync(file, partitions.map((line) => `${line}\n`).join(""))
    await run(broker, "kafka-consumer-groups", ["--group", group, "--reset-offsets", "--from-file", file, "--execute"])
  }
}

/** Topic, partition and committed offset of the group. */
const describeOffsets = async (broker: Broker): Promise<ReadonlyArray<string>> =>
  (await run(broker, "kafka-consumer-groups", ["--describe", "--group", group])).split("\n")
    .filter((line) => line.startsWith(group))
    .map((line) => line.trim().split(/\s+/).slice(1, 4).join(" "))
    .sort()

/** What Apache Kafka logs as a warning or an error, without times, threads and numbers. */
const troubleIn = (broker: Broker): ReadonlyArray<string> =>
  Array.from(
    new Set(
      broker.log().split("\n").filter((line) => /\b(WARN|ERROR)\b/.test(line))
        .map((line) => line.replace(/^.*?\b(WARN|ERROR)\b/, "$1").replace(/\d+/g, "N"))
    )
  )

/** Said at every start with these settings, whatever the directory holds. */
const isOfAnyKafka = (line: string): boolean =>
  /Performing controller activation|controller\.quorum\.voters|deprecated/i.test(line)

/** `first` fills a directory and ends, `second` must serve it all and add to it, then `first` must read both. */
const exchange = async (first: Start, second: Start, end: (broker: Broker) => Promise<void>) => {
  const folder = makeWorkFolder("exchange")
  let broker = await first(folder)
  try {
    await create(broker)
    await fill(broker, 1)
    await commit(broker)
    const topics = await describeTopics(broker)
    const offsets = await describeOffsets(broker)
    assert.strictEqual(offsets.length, 4)
    await end(broker)
    broker = await second(folder)
    assert.deepStrictEqual(await describeTopics(broker), topics)
    assert.deepStrictEqual(await describeOffsets(broker), offsets)
    await fill(broker, 2)
    for (const codec of codecs) {
      assert.deepStrictEqual(await readAll(broker, codec), [...lines(codec, 1), ...lines(codec, 2)].sort(), broker.name)
    }
    await run(broker, "kafka-consumer-groups", ["--group", group, "--delete-offsets", "--topic", "exchange-none"])
    await end(broker)
    broker = await first(folder)
    const left = offsets.filter((line) => !line.startsWith("exchange-none "))
    assert.deepStrictEqual(await describeOffsets(broker), left)
    for (const codec of codecs) {
      assert.deepStrictEqual(await readAll(broker, codec), [...lines(codec, 1), ...lines(codec, 2)].sort(), broker.name)
    }
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const timeoutMs = 240_000

describe.skipIf(isMissing("java"))("a data directory handed on", () => {
  beforeAll(() => {
    tools = startKafkaToolRunner()
  })
  afterAll(() => tools.dispose())

  it(
    "from Apache Kafka to this broker and back, stopped cleanly",
    () => exchange(kafka, ours, (one) => one.stop()),
    timeoutMs
  )
  it("from Apache Kafka to this broker and back, killed", () => exchange(kafka, ours, (one) => one.kill()), timeoutMs)
  it(
    "from this broker to Apache Kafka and back, stopped cleanly",
    () => exchange(ours, kafka, (one) => one.stop()),
    timeoutMs
  )
  it("from this broker to Apache Kafka and back, killed", () => exchange(ours, kafka, (one) => one.kill()), timeoutMs)

  it("from this broker to Apache Kafka: a start as quiet as after Kafka's own clean stop", async () => {
    const folder = makeWorkFolder("quiet")
    let broker = await kafka(folder)
    try {
      await create(broker)
      await fill(broker, 1)
      await broker.stop()
      broker = await kafka(folder)
      await describeTopics(broker)
      const own = troubleIn(broker)
      await broker.stop()
      broker = await ours(folder)
      await fill(broker, 2)
      await broker.stop()
      broker = await kafka(folder)
      for (const codec of codecs) {
        assert.deepStrictEqual(await readAll(broker, codec), [...lines(codec, 1), ...lines(codec, 2)].sort())
      }
      const described = await run(broker, "kafka-topics", ["--describe"])
      assert.notMatch(described, /Elr: [0-9]|Leader: none/)
      assert.deepStrictEqual(troubleIn(broker).filter((line) => !own.includes(line)), [], broker.log())
    } finally {
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, timeoutMs)

  it("a directory of this broker only starts Apache Kafka without an error or a warning of ours", async () => {
    const folder = makeWorkFolder("quiet-own")
    let broker = await ours(folder)
    try {
      await create(broker)
      await fill(broker, 1)
      await commit(broker)
      await broker.stop()
      broker = await ours(folder)
      await fill(broker, 2)
      await broker.stop()
      broker = await kafka(folder)
      for (const codec of codecs) {
        assert.deepStrictEqual(await readAll(broker, codec), [...lines(codec, 1), ...lines(codec, 2)].sort())
      }
      assert.notMatch(await run(broker, "kafka-topics", ["--describe"]), /Elr: [0-9]|Leader: none/)
      assert.deepStrictEqual(troubleIn(broker).filter((line) => !isOfAnyKafka(line)), [], broker.log())
    } finally {
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, timeoutMs)
})
