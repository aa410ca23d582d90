import { assert, beforeAll, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { type KafkaTool, runKafkaTool } from "../src/KafkaTools.ts"
import { makeWorkFolder } from "../src/Paths.ts"
import { isMissing, target, uniqueName } from "../src/Target.ts"

const server = ["--bootstrap-server", target.bootstrap]

/** Runs a tool against the broker and gives its standard output; fails when it reports failure. */
const tool = async (name: KafkaTool, args: ReadonlyArray<string>, input?: string): Promise<string> => {
  const result = await runKafkaTool(name, [...server, ...args], {
    timeoutMs: 50_000,
    ...(input === undefined ? {} : { input })
  })
  assert.strictEqual(result.code, 0, `${name} ${args.join(" ")}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

const failing = async (name: KafkaTool, args: ReadonlyArray<string>): Promise<string> => {
  const result = await runKafkaTool(name, [...server, ...args], { timeoutMs: 50_000 })
  assert.notStrictEqual(result.code, 0, result.stdout)
  return result.stdout + result.stderr
}

describe.skipIf(isMissing("java"))("Kafka's command line tools", () => {
  const topic = uniqueName("tools")

  beforeAll(async () => {
    const settings = ["--partitions", "3", "--replication-factor", "1", "--config", "retention.ms=600000"]
    const output = await tool("kafka-topics", ["--create", "--topic", topic, ...settings])
    assert.include(output, `Created topic ${topic}.`)
  })

  it("kafka-topics describes a topic with id, leader and configs", async () => {
    const lines = (await tool("kafka-topics", ["--describe", "--topic", topic])).trim().split("\n")
    assert.match(lines[0]!, /TopicId: \S{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: .*retention\.ms=600000/)
    assert.strictEqual(lines.length, 4)
    assert.match(lines[3]!, /Partition: 2\tLeader: 1\tReplicas: 1\tIsr: 1/)
  })

  it("kafka-topics lists the topic", async () => {
    assert.include((await tool("kafka-topics", ["--list"])).split("\n"), topic)
  })

  it("kafka-topics refuses a topic that exists", async () => {
    assert.include(await failing("kafka-topics", ["--create", "--topic", topic]), `Topic '${topic}' already exists.`)
  })

  it("kafka-topics adds partitions and deletes", async () => {
    const other = uniqueName("tools-altered")
    await tool("kafka-topics", ["--create", "--topic", other, "--replica-assignment", "1,1"])
    await tool("kafka-topics", ["--alter", "--topic", other, "--partitions", "4"])
    assert.include(await tool("kafka-topics", ["--describe", "--topic", other]), "PartitionCount: 4")
    await tool("kafka-topics", ["--delete", "--topic", other])
    assert.notInclude((await tool("kafka-topics", ["--list"])).split("\n"), other)
  })

  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    it(`kafka-console-producer writes with ${codec} what kafka-console-consumer reads by partition and offset`, async () => {
      const name = uniqueName(`tools-${codec}`)
      await tool("kafka-topics", ["--create", "--topic", name, "--partitions", "1"])
      const parse = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"]
      const lines = Array.from({ length: 100 }, (_, index) => `k${index}:value ${index}\n`)
      await tool("kafka-console-producer", ["--topic", name, "--compression-codec", codec, ...parse], lines.join(""))
      const position = ["--partition", "0", "--offset", "40", "--max-messages", "60", "--timeout-ms", "15000"]
      const print = ["--formatter-property", "print.key=true", "--formatter-property", "key.separator=:"]
      const output = await tool("kafka-console-consumer", ["--topic", name, ...position, ...print])
      assert.strictEqual(output, lines.slice(40).join(""))
    })
  }

  it("kafka-configs alters and describes a topic", async () => {
    const entity = ["--entity-type", "topics", "--entity-name", topic]
    await tool("kafka-configs", [...entity, "--alter", "--add-config", "max.message.bytes=200000"])
    const described = await tool("kafka-configs", [...entity, "--describe"])
    assert.match(
      described,
      /max\.message\.bytes=200000 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:max\.message\.bytes=200000/
    )
    await tool("kafka-configs", [...entity, "--alter", "--delete-config", "max.message.bytes"])
    assert.notInclude(await tool("kafka-configs", [...entity, "--describe"]), "max.message.bytes=200000")
    const all = await tool("kafka-configs", [...entity, "--describe", "--all"])
    assert.include(all, "segment.bytes=1073741824")
  })

  it("kafka-configs describes a broker", async () => {
    const output = await tool("kafka-configs", [
      "--entity-type",
      "brokers",
      "--entity-name",
      "1",
      "--describe",
      "--all"
    ])
    assert.include(output, "num.partitions=1 ")
  })

  it("kafka-configs finds the groups that have configs", async () => {
    const group = uniqueName("tools-group")
    const change = ["--entity-type", "groups", "--entity-name", group, "--alter"]
    await tool("kafka-configs", [...change, "--add-config", "consumer.session.timeout.ms=50000"])
    const described = await tool("kafka-configs", ["--entity-type", "groups", "--describe"])
    assert.include(described, `Dynamic configs for group ${group} are:\n  consumer.session.timeout.ms=50000 `)
    await tool("kafka-configs", [...change, "--delete-config", "consumer.session.timeout.ms"])
    assert.notInclude(await tool("kafka-configs", ["--entity-type", "groups", "--describe"]), group)
  })

  it("kafka-leader-election finds every partition led as it should be", async () => {
    const one = ["--election-type", "preferred", "--topic", topic, "--partition", "1"]
    assert.include(
      await tool("kafka-leader-election", one),
      `Valid replica already elected for partitions ${topic}-1`
    )
    const output = await tool("kafka-leader-election", ["--election-type", "unclean", "--all-topic-partitions"])
    assert.notInclude(output, "Error")
    const absent = ["--election-type", "preferred", "--topic", "no-such-topic", "--partition", "0"]
    assert.include(await failing("kafka-leader-election", absent), "No such topic as no-such-topic")
  })

  it("kafka-transactions describes the producers of a partition", async () => {
    const name = uniqueName("tools-producers")
    await tool("kafka-topics", ["--create", "--topic", name, "--partitions", "1"])
    const of = ["describe-producers", "--topic", name, "--partition", "0"]
    const rows = async () => (await tool("kafka-transactions", of)).trim().split("\n").slice(1)
    assert.deepStrictEqual(await rows(), [])
    await tool("kafka-console-producer", ["--topic", name], "a\nb\nc\n")
    const [row, ...others] = await rows()
    assert.match(row!, /^\d+\s+0\s+-1\s+2\s+\d{13}\s+None\s*$/)
    assert.deepStrictEqual(others, [])
  })

  it("kafka-metadata-quorum describes a quorum of one", async () => {
    const status = await tool("kafka-metadata-quorum", ["describe", "--status"])
    assert.match(status, /LeaderId: +1\nLeaderEpoch: +\d+\nHighWatermark: +\d+\nMaxFollowerLag: +0\n/)
    assert.match(status, /CurrentVoters: +\[\{"id": 1[,}]/)
    assert.match(status, /CurrentObservers: +\[\]/)
    const replication = await tool("kafka-metadata-quorum", ["describe", "--replication"])
    const [header, ...rows] = replication.trim().split("\n").map((row) => row.trim().split(/\s+/))
    assert.strictEqual(header![0], "NodeId")
    assert.strictEqual(rows.length, 1)
    assert.deepStrictEqual([rows[0]![0], rows[0]![3], rows[0]!.at(-1)], ["1", "0", "Leader"])
  })

  it("kafka-get-offsets tells first and last offsets", async () => {
    const name = uniqueName("tools-offsets")
    await tool("kafka-topics", ["--create", "--topic", name, "--partitions", "2"])
    await tool("kafka-console-producer", ["--topic", name], "a\nb\nc\n")
    const sum = (output: string) =>
      output.trim().split("\n").reduce((total, line) => total + Number(line.split(":")[2]), 0)
    assert.strictEqual(sum(await tool("kafka-get-offsets", ["--topic", name])), 3)
    assert.strictEqual(sum(await tool("kafka-get-offsets", ["--topic", name, "--time", "-2"])), 0)
  })

  it("kafka-delete-records moves the start of a partition", async () => {
    const name = uniqueName("tools-trimmed")
    await tool("kafka-topics", ["--create", "--topic", name, "--partitions", "1"])
    await tool("kafka-console-producer", ["--topic", name], "a\nb\nc\n")
    const file = `${makeWorkFolder("tools")}/offsets.json`
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: name, partition: 0, offset: 2 }] }))
    assert.include(await tool("kafka-delete-records", ["--offset-json-file", file]), "low_watermark: 2")
  })

  it("kafka-log-dirs describes sizes", async () => {
    const output = await tool("kafka-log-dirs", ["--describe", "--topic-list", topic])
    const described = JSON.parse(output.split("\n").find((line) => line.startsWith("{"))!)
    const partitions = described.brokers[0].logDirs[0].partitions.map((each: { partition: string }) => each.partition)
    assert.sameMembers(partitions, [0, 1, 2].map((index) => `${topic}-${index}`))
  })

  it("kafka-broker-api-versions reads every API without an error", async () => {
    const output = await tool("kafka-broker-api-versions", [])
    assert.match(output, /Produce\(0\): .*\[usable: 13\]/)
    assert.notInclude(output, "ERROR")
  })

  it("kafka-producer-perf-test runs to its end", async () => {
    const settings = ["--topic", topic, "--num-records", "20000", "--record-size", "100", "--throughput", "-1"]
    const output = await tool("kafka-producer-perf-test", settings)
    assert.include(output, "20000 records sent")
  })
})

describe.skipIf(isMissing("java") || !existsSync(target.dataDir))("kafka-dump-log reads what the broker wrote", () => {
  const dump = async (args: ReadonlyArray<string>): Promise<string> => {
    const result = await runKafkaTool("kafka-dump-log", args, { timeoutMs: 50_000 })
    assert.strictEqual(result.code, 0, result.stdout + result.stderr)
    return result.stdout
  }

  it("a partition's segment, with the records in it and no batch that is invalid", async () => {
    const topic = uniqueName("dumped")
    await tool("kafka-topics", ["--create", "--topic", topic, "--partitions", "1"])
    await tool("kafka-console-producer", ["--topic", topic, "--compression-codec", "zstd"], "alpha\nbeta\n")
    const folder = `${target.dataDir}/${topic}-0`
    const output = await dump(["--print-data-log", "--files", `${folder}/00000000000000000000.log`])
    assert.include(output, "payload: alpha")
    assert.include(output, "payload: beta")
    assert.notInclude(output, "isvalid: false")
    const indexes = readdirSync(folder).filter((name) => name.endsWith("index")).map((name) => `${folder}/${name}`)
    assert.notMatch(await dump(["--index-sanity-check", "--files", indexes.join(",")]), /Mismatches|corrupt/i)
  })

  it("the metadata log, with the topic in it", async () => {
    const topic = uniqueName("dumped-metadata")
    await tool("kafka-topics", ["--create", "--topic", topic, "--partitions", "2"])
    const folder = `${target.dataDir}/__cluster_metadata-0`
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log")).map((name) => `${folder}/${name}`)
    const output = await dump(["--cluster-metadata-decoder", "--files", logs.join(",")])
    assert.include(output, `"name":"${topic}"`)
    assert.match(output, /"type":"PARTITION_RECORD","version":\d,"data":\{"partitionId":1/)
    assert.notInclude(output, "isvalid: false")
  })
})
