import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import * as Path from "node:path"
import { parseBootstrap } from "../../src/cli/bootstrap.ts"
import { startBroker, type StartedBroker } from "../../src/startBroker.ts"

const main = Path.join(import.meta.dirname, "..", "..", "src", "main.ts")
let broker: StartedBroker
beforeAll(async () => {
  broker = await startBroker({ port: 0, memory: true, settings: { "group.initial.rebalance.delay.ms": 0 } })
  await broker.createTopics([{ name: "orders", partitions: 2 }, { name: "empty" }])
})
afterAll(() => broker.stop())

const run = (args: ReadonlyArray<string>, input = "") =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [main, ...args])
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => stdout += String(chunk))
    child.stderr.on("data", (chunk) => stderr += String(chunk))
    child.on("close", (code) => resolve({ code, stdout, stderr }))
    child.stdin.end(input)
  })

/** Runs a command against the broker; it must succeed. */
const ask = async (args: string, input?: string): Promise<string> => {
  const { code, stderr, stdout } = await run([...args.split(" "), "--bootstrap", broker.bootstrap], input)
  assert.deepStrictEqual([code, stderr], [0, ""], args)
  return stdout
}

describe("commands that ask a broker over TCP", { timeout: 120_000 }, () => {
  it("produce, consume, topics and groups show what the broker holds", async () => {
    assert.strictEqual(
      await ask("produce orders --key-separator :", "a:lamp\nb:desk\nno key\n"),
      "3 records appended to orders\n"
    )
    assert.sameMembers((await ask("consume orders")).trimEnd().split("\n"), ["a\tlamp", "b\tdesk", "no key"])
    const placed = JSON.parse(await ask("produce empty --json", "x\n"))
    assert.deepStrictEqual(placed, { topic: "empty", partition: 0, offset: 0 })
    const record = JSON.parse(await ask("consume empty --json --count 1"))
    assert.deepStrictEqual({ ...record, timestamp: 0 }, {
      topic: "empty",
      partition: 0,
      offset: 0,
      timestamp: 0,
      key: null,
      value: "x",
      headers: []
    })
    assert.match(await ask("topics"), /^TOPIC +PARTITIONS +OFFSETS\nempty +1 +1\norders +2 +3\n$/m)
    const topics = (await ask("topics --json")).trimEnd().split("\n").map((line) => JSON.parse(line))
    assert.deepInclude(topics, { name: "empty", partitions: [{ partition: 0, earliest: 0, latest: 1 }] })
    assert.strictEqual(await ask("consume empty --group billing --count 1"), "x\n")
    assert.match(await ask("groups"), /^GROUP +TYPE +STATE +LAG\nbilling +consumer +Empty +0\n$/)
    assert.deepStrictEqual(JSON.parse(await ask("groups billing --json")), {
      topic: "empty",
      partition: 0,
      committed: 1,
      end: 1,
      lag: 0
    })
  })

  it("ready ends with 0 for a broker, and with 1 and one line where there is none", async () => {
    assert.match(await ask("ready"), /^ready \(\d+ topics\)\n$/)
    const none = await run(["ready", "--bootstrap", "127.0.0.1:1"])
    assert.deepStrictEqual([none.code, none.stdout], [1, ""])
    assert.strictEqual(none.stderr, "kafka-broker: no broker answers at 127.0.0.1:1 (see --bootstrap)\n")
  })

  it("ready waits for a broker that is still to come", async () => {
    const other = await startBroker({ port: 0, memory: true })
    const { port } = other
    await other.stop()
    const waiting = run(["ready", "--timeout", "60", "--bootstrap", `127.0.0.1:${port}`])
    const late = await startBroker({ port, memory: true })
    assert.strictEqual((await waiting).code, 0)
    await late.stop()
  })

  it("say in one line what the broker refuses", async () => {
    const { code, stderr } = await run(["consume", "nowhere", "--bootstrap", broker.bootstrap])
    assert.strictEqual(code, 1)
    assert.match(
      stderr,
      /^kafka-broker: [^\n]*nowhere: UNKNOWN_TOPIC_OR_PARTITION: [^\n]* \(create the topic, [^\n]*\n$/
    )
  })
})

describe("parseBootstrap", () => {
  it("takes a host, a port, both, IPv6, or what the environment says", () => {
    const local = { host: "127.0.0.1", port: 9092 }
    assert.deepStrictEqual(parseBootstrap(undefined, {}), local)
    assert.deepStrictEqual(parseBootstrap(undefined, { KAFKA_BROKER_HOST: "0.0.0.0", KAFKA_BROKER_PORT: "1" }), {
      host: "127.0.0.1",
      port: 1
    })
    assert.deepStrictEqual(parseBootstrap("example.org", {}), { host: "example.org", port: 9092 })
    assert.deepStrictEqual(parseBootstrap("example.org:19092", { KAFKA_BROKER_PORT: "1" }), {
      host: "example.org",
      port: 19092
    })
    assert.deepStrictEqual(parseBootstrap("[::1]:5", {}), { host: "::1", port: 5 })
    for (const wrong of ["a:b", "a:0", "a:99999", "::1"]) {
      assert.throws(() => parseBootstrap(wrong, {}), /expected host:port/)
    }
  })
})
