/**
 * `interop [--bootstrap HOST:PORT [--data-dir DIR]] [--apache] [--lives] [--only FILE]`: runs other people's clients
 * against the broker and ends with `N passed, N failed`. `--lives` adds the groups of many clients that live
 * through restarts: some clients wait so long after one that a busy machine makes them late, with Apache Kafka too.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { makeWorkFolder, paths } from "./Paths.ts"

const { values } = parseArgs({
  options: {
    bootstrap: { type: "string" },
    "data-dir": { type: "string" },
    apache: { type: "boolean", default: false },
    lives: { type: "boolean", default: false },
    only: { type: "string" }
  }
})

const report = `${makeWorkFolder("interop")}/report.json`
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  ...(values.bootstrap === undefined ? {} : { INTEROP_BOOTSTRAP: values.bootstrap }),
  ...(values["data-dir"] === undefined ? {} : { INTEROP_DATA_DIR: values["data-dir"] }),
  ...(values.apache ? { INTEROP_TARGET: "apache" } : {}),
  ...(values.only === undefined ? {} : { INTEROP_ONLY: values.only }),
  INTEROP_LIVES: values.lives ? "1" : "0"
}

const vitest = spawn(
  "npx",
  ["-y", "pnpm@12", "exec", "vitest", "run", "--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`],
  { cwd: paths.interop, env: environment, stdio: "inherit" }
)

vitest.on("close", (code) => {
  try {
    const counts = JSON.parse(readFileSync(report, "utf8"))
    const failed = counts.numFailedTests + counts.testResults.filter(
      (file: { status: string; assertionResults: ReadonlyArray<unknown> }) =>
        file.status === "failed" && file.assertionResults.length === 0
    ).length
    if (counts.numPendingTests > 0) process.stdout.write(`${counts.numPendingTests} skipped\n`)
    process.stdout.write(`${counts.numPassedTests} passed, ${failed} failed\n`)
    process.exitCode = failed > 0 || code !== 0 ? 1 : 0
  } catch {
    process.stdout.write("0 passed, 1 failed\n")
    process.exitCode = 1
  }
})
