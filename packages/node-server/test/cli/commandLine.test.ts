import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const main = Path.join(import.meta.dirname, "..", "..", "src", "main.ts")
const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-command-line-"))
afterAll(() => Fs.rmSync(root, { recursive: true, force: true }))

const run = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: root, env: { ...process.env, ...env } })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => stdout += String(chunk))
    child.stderr.on("data", (chunk) => stderr += String(chunk))
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

describe("a command line that cannot be done", { timeout: 60_000 }, () => {
  const refusals: ReadonlyArray<readonly [string, RegExp, Record<string, string>?]> = [
    ["strat", /unknown command strat; the commands are start, [a-z, -]*version \(see kafka-broker --help\)/],
    ["--prt 1", /Unrecognized flag: --prt .*; did you mean --port \(see kafka-broker start --help\)/],
    ["start --port x", /Invalid value for flag --port: "x"/],
    ["start --port 99999", /--port must be between 0 and 65535, but it is 99999/],
    ["start --memory --advertised-port -1", /--advertised-port must be between 0 and 65535/],
    ["start --memory", /KAFKA_BROKER_PORT must be between 0 and 65535, but it is 99999/, {
      KAFKA_BROKER_PORT: "99999"
    }],
    [
      "start --set listeners=PLAINTEXT://:99999",
      /listeners: the port of PLAINTEXT:\/\/:99999 is not between 0 and 65535/
    ],
    ["start a.properties b.properties", /Unexpected positional argument: "b.properties"/],
    ["a.properties", /Cannot read a\.properties: ENOENT/],
    ["dump-log", /Missing required argument: file-or-directory/],
    ["dump-log nowhere", /nowhere: ENOENT/],
    ["dump-log .", /\. holds no \.log, /],
    ["version now", /Unexpected positional argument: "now"/],
    ["start --memory", /KAFKA_BROKER_MEMORYY is no variable .* KAFKA_BROKER_MEMORY\?/, { KAFKA_BROKER_MEMORYY: "1" }]
  ]
  for (const [line, message, env] of refusals) {
    it(`says so in one line: ${env === undefined ? "" : JSON.stringify(env)} ${line}`, async () => {
      const { code, stderr, stdout } = await run(line.split(" "), env)
      assert.strictEqual(stdout, "")
      assert.match(stderr, message)
      assert.match(stderr, /^kafka-broker: [^\n]+\n$/)
      assert.strictEqual(code, 1)
    })
  }

  it("help is help, with the variables of the environment, and ends though stdin stays open", async () => {
    assert.match((await run(["help"])).stdout, /USAGE/)
    const { code, stdout } = await run(["help", "start"])
    assert.match(stdout, /--port[^\n]*\[KAFKA_BROKER_PORT\]/)
    assert.strictEqual(code, 0)
  })
})

describe("dump-log", { timeout: 60_000 }, () => {
  it("takes a directory for the files in it", async () => {
    const directory = Path.join(root, "t-0")
    Fs.mkdirSync(directory)
    Fs.writeFileSync(Path.join(directory, "00000000000000000000.log"), "")
    Fs.writeFileSync(Path.join(directory, "00000000000000000000.index"), "")
    Fs.writeFileSync(Path.join(directory, "partition.metadata"), "version: 0\n")
    const { code, stderr, stdout } = await run(["dump-log", "t-0"])
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.match(stdout, /^Dumping t-0.00000000000000000000\.index\n(.*\n)*Dumping t-0.00000000000000000000\.log\n/)
    assert.notInclude(stdout, "partition.metadata")
  })
})
