import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import packageJson from "../../package.json" with { type: "json" }
import { version } from "../../src/Version.ts"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the binary; `whenReady` is called once, with the process, when its ready line is out. */
const run = (args: ReadonlyArray<string>, whenReady?: (kill: (signal: NodeJS.Signals) => void) => void) =>
  new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stderr.on("data", (chunk) => (stderr += String(chunk)))
    child.stdout.on("data", (chunk) => {
      const wasReady = stdout.includes(" ready at ")
      stdout += String(chunk)
      if (!wasReady && stdout.includes(" ready at ")) whenReady?.((signal) => child.kill(signal))
    })
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

const root = mkdtempSync(join(tmpdir(), "kafka-broker-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const directory = (): string => mkdtempSync(join(root, "data-"))

describe("kafka-broker", { timeout: 60_000 }, () => {
  it("says it is ready in one line and stops cleanly on SIGTERM", async () => {
    const data = join(directory(), "data")
    const ended = await run(["--port", "0", "--data-dir", data], (kill) => kill("SIGTERM"))
    assert.strictEqual(ended.code, 0)
    assert.strictEqual(ended.stderr, "")
    assert.match(
      ended.stdout,
      /^kafka-broker \S+ ready at 127\.0\.0\.1:\d+ in \d+ ms \(data: .*, node 1, cluster [\w-]{22}\)\n$/
    )
    assert.include(readdirSync(data), ".kafka_cleanshutdown")
  })

  it("names the setting when the port is taken, and leaves a directory that the next start takes", async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    const data = directory()
    const ended = await run(["--port", String(port), "--data-dir", data])
    server.close()
    assert.strictEqual(ended.code, 1)
    assert.match(
      ended.stderr,
      /^kafka-broker: listeners: PLAINTEXT:\/\/127\.0\.0\.1:\d+: another program listens there;.*\n$/
    )
    const next = await run(["--port", "0", "--data-dir", data], (kill) => kill("SIGTERM"))
    assert.deepStrictEqual([next.code, next.stderr], [0, ""])
    assert.include(readdirSync(data), ".kafka_cleanshutdown")
  })

  it("does not write into a directory that holds something else", async () => {
    const data = directory()
    writeFileSync(join(data, "letter.txt"), "")
    const ended = await run(["--port", "0", "--data-dir", data])
    assert.strictEqual(ended.code, 1)
    assert.match(ended.stderr, /^kafka-broker: log\.dirs: .* is not a Kafka data directory: it holds letter\.txt/)
    assert.deepStrictEqual(readdirSync(data), ["letter.txt"])
  })

  it("keeps a second broker out of a directory in use", async () => {
    const data = directory()
    let second: Promise<Ended> | undefined
    const first = await run(["--port", "0", "--data-dir", data], (kill) => {
      second = run(["--port", "0", "--data-dir", data]).finally(() => kill("SIGINT"))
    })
    assert.strictEqual(first.code, 0)
    assert.strictEqual((await second)?.code, 1)
    assert.match((await second)!.stderr, /^kafka-broker: log\.dirs: .* is in use by another broker; /)
  })

  it("says in one line which setting is wrong", async () => {
    const ended = await run(["--memory", "--set", "num.partitions=x"])
    assert.strictEqual(ended.code, 1)
    const line = "kafka-broker: Invalid value x for configuration num.partitions: Not a number of type INT\n"
    assert.strictEqual(ended.stderr, line)
  })

  it("formats a directory once", async () => {
    const data = join(directory(), "data")
    const id = "AAAAAAAAAAAAAAAAAAAAAg"
    assert.strictEqual((await run(["format", "--data-dir", data, "--cluster-id", id])).code, 0)
    assert.strictEqual((await run(["format", "--data-dir", data])).code, 1)
    const ended = await run(["--port", "0", "--data-dir", data], (kill) => kill("SIGTERM"))
    assert.include(ended.stdout, `cluster ${id}`)
  })
})

describe("version", () => {
  it("is that of the package", () => {
    assert.strictEqual(version, packageJson.version)
  })
})
