import { existsSync, mkdirSync } from "node:fs"
import { runOrThrow } from "../../../interop/src/Process.ts"
import { paths } from "../Paths.ts"
import type { System } from "./System.ts"

const binary = `${paths.binaries}/kfake`

/** franz-go's in-memory fake of Kafka, in Go: keeps everything in memory and checks less. */
export const kfake: System = {
  name: "kfake",
  serves: (load) => load.kind !== "client",
  prepare: async () => {
    if (existsSync(binary)) return
    mkdirSync(paths.binaries, { recursive: true })
    await runOrThrow("go", ["build", "-o", binary, "."], { cwd: paths.kfake, timeoutMs: 300_000 })
  },
  command: (port) => Promise.resolve([binary, "-port", String(port)])
}
