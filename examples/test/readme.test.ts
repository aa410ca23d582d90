import { assert, describe, it } from "@effect/vitest"
import { KafkaBroker } from "@kafka-broker/core"
import { TestBroker } from "@kafka-broker/testkit"
import { Effect, Fiber } from "effect"
import { spawn } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inMemory } from "../readme/inMemory.ts"
import { shout } from "../readme/shout.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const examples = join(root, "examples")

const pages = ["README.md", ...globSync("packages/*/README.md", { cwd: root })]

const blocksOf = (page: string): ReadonlyArray<string> =>
  Array.from(readFileSync(join(root, page), "utf8").matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!)

const blocks = pages.flatMap(blocksOf)
const files = globSync("readme/*.ts", { cwd: examples })

/** Runs the program of a page in a folder of its own until it prints a line; returns the line and its exit code. */
const runUntilLine = async (code: string, folder: string, signal: NodeJS.Signals) => {
  // Beside the examples, where its imports are found.
  const file = join(examples, "dist/readme", `run-${process.pid}.ts`)
  mkdirSync(join(examples, "dist/readme"), { recursive: true })
  writeFileSync(file, code)
  try {
    const child = spawn(process.execPath, [file], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] })
    let line = ""
    child.stdout.on("data", (chunk: Buffer) => {
      line += chunk.toString()
      child.kill(signal)
    })
    const exit = await new Promise((resolve) => child.on("close", resolve))
    return { line, exit }
  } finally {
    rmSync(file)
  }
}

describe("code blocks of the READMEs", () => {
  it("are the files under examples/readme, which are type-checked and run here", () => {
    const contents = files.map((file) => readFileSync(join(examples, file), "utf8"))
    assert.isNotEmpty(blocks)
    assert.sameMembers([...new Set(blocks)], contents)
  })

  it("are short", () => {
    for (const block of blocks) assert.isAtMost(block.split("\n").length - 1, 21, block)
  })
})

describe("embed.ts", () => {
  it("runs a broker until it is stopped by a signal, then ends with 0 and keeps its data", async () => {
    const folder = mkdtempSync(join(tmpdir(), "readme-"))
    try {
      const code = readFileSync(join(examples, "readme/embed.ts"), "utf8").replace("port: 9092", "port: 0")
      for (const [offset, signal] of (["SIGTERM", "SIGINT", "SIGHUP"] as const).entries()) {
        const { exit, line } = await runUntilLine(code, folder, signal)
        assert.match(line, new RegExp(`^order at offset ${offset}; Kafka clients connect to 127\\.0\\.0\\.1:\\d+\n$`))
        assert.strictEqual(exit, 0, signal)
        assert.isTrue(existsSync(join(folder, "data/.kafka_cleanshutdown")), signal)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})

describe("shout.ts", () => {
  it.effect("copies records and tells the cluster", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "whispers" }, { name: "shouts" }])
      const copying = yield* Effect.forkChild(shout("whispers", "shouts", 2))
      yield* broker.produce("whispers", [{ value: "a" }, { value: "b" }])
      assert.strictEqual(yield* Fiber.join(copying), broker.clusterId)
      assert.deepStrictEqual(yield* broker.values("shouts"), ["A", "B"])
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("inMemory.ts", () => {
  it.live("lets nobody do what the file does not allow", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "readme-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const aclFile = join(folder, "acls.json")
      writeFileSync(aclFile, "[]")
      const refused = yield* Effect.flatMap(KafkaBroker, ({ client }) => client.createTopics([{ name: "t" }])).pipe(
        Effect.flip,
        Effect.provide(inMemory(aclFile))
      )
      assert.strictEqual(refused.name, "TOPIC_AUTHORIZATION_FAILED")
    }))
})
