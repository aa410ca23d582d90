import { afterAll, assert, describe, it } from "@effect/vitest"
import { AclAuthorizer, KafkaError } from "@kafka-broker/core"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import { startBroker, type StartBrokerOptions } from "../src/startBroker.ts"

const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-start-"))
afterAll(() => Fs.rmSync(root, { recursive: true, force: true }))

const inMemory = { port: 0, memory: true } as const satisfies StartBrokerOptions
const failureOf = (promise: Promise<unknown>): Promise<any> =>
  promise.then(() => assert.fail("it succeeded"), (error) => error)

describe("startBroker", () => {
  it("gives promises and async iterables, and stops with its block", async () => {
    const dataDir = Path.join(root, "data")
    {
      await using broker = await startBroker({ port: 0, dataDir })
      await broker.createTopics([{ name: "orders", partitions: 2 }])
      const placed = await broker.produce("orders", [{ key: "42", value: "lamp" }, { key: "42", value: "desk" }])
      assert.deepStrictEqual(placed.map(({ offset }) => offset), [0, 1])
      const values: Array<string> = []
      for await (const { value } of broker.consume("orders")) {
        values.push(new TextDecoder().decode(value!))
        if (values.length === 2) break
      }
      assert.deepStrictEqual(values, ["lamp", "desk"])
      assert.strictEqual(broker.bootstrap, `127.0.0.1:${broker.port}`)
    }
    assert.include(Fs.readdirSync(dataDir), ".kafka_cleanshutdown")
    const again = await startBroker({ port: 0, dataDir })
    assert.deepStrictEqual(await again.listTopics(), ["orders"])
    await again.stop()
    await again.stop()
  })

  it("has topics with formats, and groups whose records are committed by hand", async () => {
    await using broker = await startBroker(inMemory)
    await broker.createTopics([{ name: "t" }])
    const topic = broker.topic("t")
    await topic.produce([{ key: "a", value: { n: 1 } }, { key: "b", value: { n: 2 } }])
    for await (const record of topic.consumeAs("g", { commit: "manual" })) {
      assert.deepStrictEqual([record.key, record.value], ["a", { n: 1 }])
      await record.commit()
      break
    }
    assert.deepStrictEqual(await broker.committed("g"), [{ topic: "t", partition: 0, offset: 1 }])
    assert.deepStrictEqual((await topic.records()).map(({ value }) => value), [{ n: 1 }, { n: 2 }])
  })

  it("ends a call by its signal, and a loop that waits", async () => {
    await using broker = await startBroker(inMemory)
    await broker.createTopics([{ name: "t" }])
    const stopping = new AbortController()
    const consuming = (async () => {
      for await (const _ of broker.consume("t", { signal: stopping.signal })) assert.fail("there is nothing to consume")
    })()
    const reason = new Error("enough")
    stopping.abort(reason)
    assert.strictEqual(await failureOf(consuming), reason)
    assert.strictEqual(await failureOf(broker.listTopics({ signal: AbortSignal.abort(reason) })), reason)
    assert.deepStrictEqual(await broker.listTopics({ signal: new AbortController().signal }), ["t"])
  })

  it("rejects with errors of their own types", async () => {
    await using broker = await startBroker(inMemory)
    const missing = await failureOf(broker.produce("nowhere", [{ value: "x" }]))
    assert.instanceOf(missing, KafkaError)
    assert.strictEqual(missing.name, "UNKNOWN_TOPIC_OR_PARTITION")
    const taken = await failureOf(startBroker({ memory: true, port: broker.port }))
    assert.deepStrictEqual([taken._tag, taken.reason], ["ListenError", "AddressInUse"])
    const option = await failureOf(startBroker({ ...inMemory, dataDirectory: "x" } as StartBrokerOptions))
    assert.deepStrictEqual([option._tag, option.message], ["BrokerConfigError", "There is no option dataDirectory"])
    const setting = await failureOf(startBroker({ ...inMemory, settings: { "num.partitions": 1.5 } }))
    assert.strictEqual(setting._tag, "BrokerConfigError")
  })

  it("undoes a start that is given up", async () => {
    const reason = new Error("no more")
    assert.strictEqual(await failureOf(startBroker({ ...inMemory, signal: AbortSignal.abort(reason) })), reason)
    const dataDir = Path.join(root, "given-up")
    const giving = new AbortController()
    const starting = startBroker({ port: 0, dataDir, signal: giving.signal })
    giving.abort(reason)
    assert.strictEqual(await failureOf(starting), reason)
    // The lock of the directory is free again.
    await using broker = await startBroker({ port: 0, dataDir })
    assert.isAbove(broker.port, 0)
  })

  it("acts for other principals under an authorizer", async () => {
    const authorizer = AclAuthorizer.layer({
      bindings: [],
      superUsers: ["User:host"],
      allowEveryoneIfNoAclFound: false
    })
    await using broker = await startBroker({ ...inMemory, authorizer, clientPrincipal: { type: "User", name: "host" } })
    await broker.createTopics([{ name: "t" }])
    const guest = await broker.clientAs({ type: "User", name: "guest" })
    const refused = await failureOf(guest.produce("t", [{ value: "x" }]))
    assert.strictEqual(refused.name, "TOPIC_AUTHORIZATION_FAILED")
  })

  it("hands the lines of its log to its host", async () => {
    const lines: Array<string> = []
    await using broker = await startBroker({
      ...inMemory,
      log: (line) => lines.push(line),
      settings: { "num.partition": 3 }
    })
    assert.isAbove(broker.port, 0)
    assert.match(
      lines.join("\n"),
      /^\S+ WARN .*num\.partition \(there is no such setting; did you mean num\.partitions\?\)$/
    )
  })
})

describe("duplex", () => {
  it("is a stream on which the protocol is spoken, like a socket", async () => {
    await using broker = await startBroker(inMemory)
    const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255])
    const answerOn = (stream: NodeJS.ReadWriteStream): Promise<Buffer> =>
      new Promise((resolve) => {
        let answer = Buffer.alloc(0)
        stream.on("data", (chunk: Buffer) => {
          answer = Buffer.concat([answer, chunk])
          if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return
          stream.end()
          resolve(answer)
        })
        for (const byte of apiVersions) stream.write(Buffer.of(byte))
      })
    const duplex = broker.duplex()
    const inProcess = await answerOn(duplex)
    const overTcp = await answerOn(Net.connect(broker.port, broker.host))
    assert.deepStrictEqual(inProcess, overTcp)
    await new Promise((resolve) => duplex.closed ? resolve(undefined) : duplex.on("close", resolve))
  })

  it("ends when the broker stops", async () => {
    const broker = await startBroker(inMemory)
    const duplex = broker.duplex()
    await new Promise((resolve) => duplex.on("connect", resolve))
    duplex.resume()
    const closed = new Promise((resolve) => duplex.on("close", resolve))
    await broker.stop()
    await closed
  })
})

describe("the package", () => {
  it("can be required from CommonJS", () => {
    const code = `const { startBroker } = require("@kafka-broker/node-server");
      startBroker({ port: 0, memory: true }).then((broker) => broker.stop()).then(() => console.log("stopped"))`
    const folder = Path.join(import.meta.dirname, "..", "..", "..", "examples")
    const printed = execFileSync(process.execPath, ["-e", code], { cwd: folder, encoding: "utf8" })
    assert.strictEqual(printed, "stopped\n")
  })
})
