import { afterEach, assert, describe, it } from "@effect/vitest"
import { startBroker, type StartedBroker } from "@kafka-broker/node-server"
import { execFileSync } from "node:child_process"
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expressApp } from "../without-effect/express.ts"
import { fastifyServer } from "../without-effect/fastify.ts"
import { sendWithKafkajs } from "../without-effect/kafkajs.ts"

const examples = join(import.meta.dirname, "..")
const started: Array<StartedBroker> = []
afterEach(() => Promise.all(started.splice(0).map((broker) => broker.stop())))

const withOrders = async (): Promise<StartedBroker> => {
  const broker = await startBroker({ port: 0, memory: true })
  started.push(broker)
  await broker.createTopics([{ name: "orders" }])
  return broker
}

const order = { method: "POST", headers: { "content-type": "application/json" }, body: `{"id":"42","item":"lamp"}` }

describe("docs/without-effect.md", () => {
  it("shows the files under examples/without-effect, which are type-checked and run here", () => {
    const page = readFileSync(join(examples, "../docs/without-effect.md"), "utf8")
    const shown = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!)
    const files = globSync("without-effect/*.ts", { cwd: examples }).map((file) =>
      readFileSync(join(examples, file), "utf8")
    )
    assert.sameMembers(shown, files)
  })

  it("plain.ts keeps a record and reads it again", () => {
    const folder = mkdtempSync(join(tmpdir(), "without-effect-"))
    const file = join(examples, "dist", `plain-${process.pid}.ts`)
    mkdirSync(join(examples, "dist"), { recursive: true })
    writeFileSync(
      file,
      readFileSync(join(examples, "without-effect/plain.ts"), "utf8").replace("port: 9092", "port: 0")
    )
    try {
      const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" })
      assert.strictEqual(printed, "0 42 { item: 'lamp' }\n")
    } finally {
      rmSync(file)
      rmSync(folder, { recursive: true })
    }
  })

  it("kafkajs takes a connection inside the process as its socket", async () => {
    const broker = await withOrders()
    await sendWithKafkajs({ ...broker, bootstrap: "nowhere.invalid:1" }, "orders", "lamp")
    const [record] = await broker.records("orders")
    assert.strictEqual(new TextDecoder().decode(record!.value!), "lamp")
  })

  it("an order posted to Express is a record, and an error of the broker is told", async () => {
    const broker = await withOrders()
    const server = expressApp(broker).listen(0, "127.0.0.1")
    try {
      await new Promise((resolve) => server.once("listening", resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
      const response = await fetch(url, order)
      assert.deepStrictEqual([response.status, await response.json()], [201, { partition: 0, offset: 0 }])
      assert.deepStrictEqual((await broker.topic("orders").records()).map(({ key }) => key), ["42"])
      await broker.deleteTopics(["orders"])
      const failed = await fetch(url, order)
      assert.strictEqual(failed.status, 503)
      assert.match(((await failed.json()) as { error: string }).error, /UNKNOWN_TOPIC_OR_PARTITION/)
    } finally {
      server.close()
    }
  })

  it("an order posted to Fastify is a record, and the broker stops with the server", async () => {
    const server = await fastifyServer({ port: 0, memory: true })
    const url = "/orders"
    const posted = await server.inject({ method: "POST", url, payload: { id: "42", item: "lamp" } })
    assert.deepStrictEqual([posted.statusCode, posted.json()], [201, { partition: 0, offset: 0 }])
    assert.deepStrictEqual((await server.inject({ method: "GET", url })).json(), [{ id: "42", item: "lamp" }])
    await server.close()
  })
})
