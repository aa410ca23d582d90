import { afterAll, assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"

const source = Path.join(import.meta.dirname, "..", "src")
const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-run-main-"))
afterAll(() => Fs.rmSync(root, { recursive: true, force: true }))
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const

interface Running {
  readonly child: ChildProcess
  readonly printed: (text: string) => Promise<void>
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>
}

const start = (args: ReadonlyArray<string>): Running => {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], cwd: import.meta.dirname })
  let output = ""
  const listeners = new Set<() => void>()
  const onChunk = (chunk: Buffer) => {
    output += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout!.on("data", onChunk)
  child.stderr!.on("data", onChunk)
  return {
    child,
    printed: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (output.includes(text)) resolve()
        }
        listeners.add(look)
        look()
      }),
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, output })))
  }
}

/** A program whose stop takes until the file exists. */
const program = (file: string): ReadonlyArray<string> => [
  "--input-type=module",
  "-e",
  `const { Effect } = await import("effect"); const { existsSync } = await import("node:fs")
   const { runMain } = await import("${pathToFileURL(Path.join(source, "runMain.ts")).href}")
   const stop = Effect.sync(() => console.log("stopping")).pipe(Effect.andThen(
     Effect.callback((resume) => { const timer = setInterval(() => {
       if (existsSync(${
    JSON.stringify(file)
  })) { clearInterval(timer); console.log("stopped"); resume(Effect.void) } }, 20) })))
   runMain(Effect.scoped(Effect.gen(function*() {
     yield* Effect.addFinalizer(() => stop); console.log("running"); return yield* Effect.never })))`
]

describe("runMain", { timeout: 60_000 }, () => {
  for (const signal of signals) {
    it(`${signal} stops the program in order and ends the process with 0`, async () => {
      const file = Path.join(root, signal)
      Fs.writeFileSync(file, "")
      const running = start(program(file))
      await running.printed("running")
      running.child.kill(signal)
      const ended = await running.ended
      assert.deepStrictEqual([ended.code, ended.output], [0, "running\nstopping\nstopped\n"])
    })
  }

  it("goes on with the first stop when further signals come", async () => {
    const file = Path.join(root, "later")
    const running = start(program(file))
    await running.printed("running")
    running.child.kill("SIGTERM")
    await running.printed("stopping")
    const again = setInterval(() => running.child.kill("SIGTERM"), 50)
    await running.printed("SIGTERM: still stopping")
    running.child.kill("SIGINT")
    await running.printed("SIGINT: still stopping")
    clearInterval(again)
    Fs.writeFileSync(file, "")
    const ended = await running.ended
    assert.strictEqual(ended.code, 0)
    assert.match(ended.output, /stopped\n/)
  })

  it("ends with 1 and one line when the program fails", async () => {
    const url = pathToFileURL(Path.join(source, "runMain.ts")).href
    const code = `const { Effect } = await import("effect"); const { runMain } = await import("${url}")
      runMain(Effect.fail(new Error("no\\n  way")))`
    const ended = await start(["--input-type=module", "-e", code]).ended
    assert.deepStrictEqual([ended.code, ended.output], [1, "no way\n"])
  })
})

/** Whether a process has a handler for SIGHUP; Node.js has none of its own. Source: proc(5), SigCgt. */
const catchesHangup = (pid: number): boolean => {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(Fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  return caught !== null && (BigInt(`0x${caught[1]!}`) & 1n) !== 0n
}

describe.skipIf(process.platform !== "linux")("the binary while it starts", { timeout: 60_000 }, () => {
  for (const signal of signals) {
    it(`${signal} ends it with 0 and says so; the next start finds nothing to mend`, async () => {
      const data = Path.join(root, `data-${signal}`)
      const running = start([Path.join(source, "main.ts"), "--port", "0", "--data-dir", data])
      while (!catchesHangup(running.child.pid!)) await new Promise((resolve) => setImmediate(resolve))
      running.child.kill(signal)
      const ended = await running.ended
      assert.deepStrictEqual([ended.code, ended.signal], [0, null])
      assert.match(ended.output, /INFO stopped before the broker was ready\n$/)
      if (Fs.existsSync(Path.join(data, "meta.properties"))) {
        assert.include(Fs.readdirSync(data), ".kafka_cleanshutdown")
      }
    })
  }
})
