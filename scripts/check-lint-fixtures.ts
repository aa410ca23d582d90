/** Proves that the layer rules bite: every file under `lint-fixtures` must fail with the rule its first line names. */
import { spawnSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"

let failed = 0
for (const file of globSync("lint-fixtures/**/*.ts")) {
  const expected = /^\/\/ expect: (\S+)/.exec(readFileSync(file, "utf8"))?.[1]
  const { status, stdout } = spawnSync("oxlint", [file], { encoding: "utf8" })
  const caught = expected !== undefined && status !== 0 && stdout.includes(`(${expected})`)
  if (!caught) {
    failed++
    console.error(`${file}: the lint did not report ${expected}\n${stdout}`)
  }
}
if (failed > 0) process.exit(1)
