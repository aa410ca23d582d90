/**
 * Proves that the packages can be published: builds and packs them, lints the tarballs (publint, attw), installs them in
 * an empty folder outside the repository and runs a broker there, from the library and from the binary.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const names = ["core", "node-server", "testkit"] as const

const run = (command: string, args: ReadonlyArray<string>, cwd = root): string => {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  } catch (error) {
    const { stderr, stdout } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`${command} ${args.join(" ")} failed in ${cwd}\n${stdout}${stderr}`, { cause: error })
  }
}
const pnpm = (args: ReadonlyArray<string>, cwd?: string): string => run("npx", ["-y", "pnpm@12", ...args], cwd)

/** Removes what was built from sources that are gone: it would be published. */
const prune = (name: string): void => {
  const dist = join(root, "packages", name, "dist")
  for (const file of globSync("**/*.{js,d.ts,js.map,d.ts.map}", { cwd: dist })) {
    const source = file.replace(/\.(d\.ts|js)(\.map)?$/, ".ts")
    if (!existsSync(join(root, "packages", name, "src", source))) rmSync(join(dist, file))
  }
}

const pack = (name: string, to: string): string => {
  pnpm(["pack", "--pack-destination", to], join(root, "packages", name))
  const { version } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
  return join(to, `kafka-broker-${name}-${version}.tgz`)
}

const lint = (tarball: string): void => {
  run("publint", ["run", tarball, "--strict"])
  run("attw", [tarball, "--profile", "esm-only"])
}

const libraryTest = `
import { TestBroker } from "@kafka-broker/testkit"
import { KafkaError } from "@kafka-broker/core"
import { apis } from "@kafka-broker/core/protocol"
import { Tick } from "@kafka-broker/core/seams"
import { Effect } from "effect"

const values = await Effect.runPromise(Effect.gen(function*() {
  const broker = yield* TestBroker
  yield* broker.createTopics([{ name: "packed" }])
  yield* broker.produce("packed", [{ value: "hello" }])
  return yield* broker.values("packed")
}).pipe(Effect.provide(TestBroker.layer())))
if (values.join() !== "hello" || apis.Produce.key !== 0 || !KafkaError || !Tick) throw new Error(String(values))
console.log("consumed", values.join())
`

const install = (folder: string, tarballs: ReadonlyMap<string, string>): void => {
  const files = Object.fromEntries(Array.from(tarballs, ([name, path]) => [`@kafka-broker/${name}`, `file:${path}`]))
  const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
  const effect = /^ {2}effect: (.*)$/m.exec(catalog)![1]!
  mkdirSync(folder)
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { ...files, effect } })
  )
  // The packages depend on each other by version, and that version is not in a registry yet.
  const overrides = Object.entries(files).map(([name, file]) => `  "${name}": "${file}"`)
  writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("\n")}\n`)
  writeFileSync(join(folder, "library.mjs"), libraryTest)
  pnpm(["install", "--prefer-offline", "--ignore-scripts"], folder)
}

/** Waits for a line of the binary that says it is ready, stops it, and returns the line. */
const readyLine = async (child: ChildProcess): Promise<string> => {
  let output = ""
  child.stdout!.on("data", (chunk: Buffer) => {
    output += chunk.toString()
    if (output.includes("\n")) child.kill("SIGTERM")
  })
  child.stderr!.on("data", (chunk: Buffer) => output += chunk.toString())
  const code = await new Promise((resolve) => child.on("close", resolve))
  if (code !== 0 || !output.includes(" ready at ")) {
    throw new Error(`kafka-broker ended with ${String(code)}: ${output}`)
  }
  return output.trim()
}

const folder = mkdtempSync(join(tmpdir(), "kafka-broker-packages-"))
try {
  pnpm(["build"])
  const tarballs = new Map(names.map((name) => {
    prune(name)
    return [name, pack(name, folder)]
  }))
  for (const [name, tarball] of tarballs) {
    lint(tarball)
    console.log(`@kafka-broker/${name}: packed; publint and attw find nothing`)
  }
  const host = join(folder, "host")
  install(host, tarballs)
  console.log(run(process.execPath, ["library.mjs"], host).trim())
  const binary = join(host, "node_modules/.bin/kafka-broker")
  console.log(run(binary, ["version"], host).trim())
  console.log(await readyLine(spawn(binary, ["start", "--memory", "--port", "0"], { cwd: host })))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
