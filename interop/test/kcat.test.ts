import { assert, describe, it } from "@effect/vitest"
import { writeFileSync } from "node:fs"
import { makeWorkFolder } from "../src/Paths.ts"
import { comparable, samplePayloads } from "../src/Payloads.ts"
import { run } from "../src/Process.ts"
import { readPartition } from "../src/readPartition.ts"
import { isMissing, target, uniqueName } from "../src/Target.ts"

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const

/** Runs kcat against the broker; its standard output as text. */
const kcat = async (args: ReadonlyArray<string>, input?: string | Uint8Array): Promise<string> => {
  const result = await run("kcat", ["-b", target.bootstrap, ...args], {
    timeoutMs: 30_000,
    ...(input === undefined ? {} : { input })
  })
  assert.strictEqual(result.code, 0, `kcat ${args.join(" ")}: ${result.stderr}`)
  return result.stdout
}

interface Message {
  readonly offset: number
  readonly ts: number
  readonly tstype: string
  readonly key: string | null
  readonly payload: string
  readonly headers?: ReadonlyArray<string>
}

const consume = async (topic: string, args: ReadonlyArray<string> = []): Promise<ReadonlyArray<Message>> => {
  const output = await kcat(["-C", "-t", topic, "-p", "0", "-e", "-q", "-J", "-X", "check.crcs=true", ...args])
  return output.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
}

/** Topics are made by kcat's own first metadata request (auto-creation). */
const makeTopic = async (): Promise<string> => {
  const topic = uniqueName("kcat")
  await kcat(["-P", "-t", topic, "-p", "0", "-X", "allow.auto.create.topics=true"], "first\n")
  return topic
}

describe.skipIf(isMissing("kcat"))("kcat (librdkafka)", () => {
  it("lists brokers, topics and partitions", async () => {
    const topic = await makeTopic()
    const metadata = JSON.parse(await kcat(["-L", "-J"]))
    assert.strictEqual(metadata.brokers.length, 1)
    assert.strictEqual(metadata.brokers[0].name, target.bootstrap)
    const described = metadata.topics.find((candidate: { topic: string }) => candidate.topic === topic)
    const id = metadata.brokers[0].id
    assert.deepStrictEqual(described.partitions, [{ partition: 0, leader: id, replicas: [{ id }], isrs: [{ id }] }])
  })

  for (const codec of codecs) {
    it(`produces with codec ${codec} and reads back the same bytes`, async () => {
      const topic = await makeTopic()
      const values = Array.from({ length: 400 }, (_, index) => `value ${index} ${"z".repeat(index)}`)
      await kcat(["-P", "-t", topic, "-p", "0", "-z", codec], values.map((value) => `${value}\n`).join(""))
      const read = await consume(topic, ["-o", "1"])
      assert.deepStrictEqual(read.map((message) => message.payload), values)
      assert.deepStrictEqual(read.map((message) => message.offset), values.map((_, index) => index + 1))
    })
  }

  it("produces binary files as records, stored byte-equal", async () => {
    const topic = await makeTopic()
    const folder = makeWorkFolder("kcat")
    const values = samplePayloads().map(({ value }) => value).filter((value) => value.length > 0)
    const files = values.map((value, index) => {
      writeFileSync(`${folder}/${index}`, value)
      return `${folder}/${index}`
    })
    await kcat(["-P", "-t", topic, "-p", "0", "-z", "lz4", ...files])
    const expected = values.map((value) => ({ key: null, value, headers: [] }))
    assert.deepStrictEqual(comparable(await readPartition(topic, 0, 1n)), comparable(expected))
  })

  it("keeps keys, headers and timestamps", async () => {
    const topic = await makeTopic()
    const before = Date.now()
    await kcat(["-P", "-t", topic, "-p", "0", "-K", ":", "-H", "trace=42", "-H", "user=me"], "the key:the value\n")
    const [message] = await consume(topic, ["-o", "1"])
    assert.deepInclude(message, { key: "the key", payload: "the value", headers: ["trace", "42", "user", "me"] })
    assert.strictEqual(message!.tstype, "create")
    assert.isAtLeast(message!.ts, before)
    assert.isAtMost(message!.ts, Date.now())
  })

  it("produces idempotently", async () => {
    const topic = await makeTopic()
    const values = Array.from({ length: 1000 }, (_, index) => `${index}`)
    const settings = ["-X", "enable.idempotence=true", "-X", "batch.num.messages=50"]
    await kcat(["-P", "-t", topic, "-p", "0", ...settings], values.map((value) => `${value}\n`).join(""))
    assert.deepStrictEqual((await consume(topic, ["-o", "1"])).map((message) => message.payload), values)
  })

  for (const acks of ["0", "1", "all"]) {
    it(`produces with acks ${acks}`, async () => {
      const topic = await makeTopic()
      await kcat(["-P", "-t", topic, "-p", "0", "-X", `acks=${acks}`], "a\nb\n")
      assert.deepStrictEqual((await consume(topic)).map((message) => message.payload), ["first", "a", "b"])
    })
  }

  it("starts at the beginning, at an offset, from the end and at a time", async () => {
    const topic = await makeTopic()
    await kcat(["-P", "-t", topic, "-p", "0"], "1\n2\n3\n")
    const payloads = async (from: string) => (await consume(topic, ["-o", from])).map((message) => message.payload)
    assert.deepStrictEqual(await payloads("beginning"), ["first", "1", "2", "3"])
    assert.deepStrictEqual(await payloads("2"), ["2", "3"])
    assert.deepStrictEqual(await payloads("-1"), ["3"])
    const [, second] = await consume(topic, ["-o", "beginning"])
    assert.strictEqual((await payloads(`s@${second!.ts}`)).at(-1), "3")
  })

  it("asks for the offset of a timestamp", async () => {
    const topic = await makeTopic()
    assert.strictEqual((await kcat(["-Q", "-t", `${topic}:0:-1`])).trim(), `${topic} [0] offset 1`)
    assert.strictEqual((await kcat(["-Q", "-t", `${topic}:0:-2`])).trim(), `${topic} [0] offset 0`)
  })
})
