import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { apiReport, apiReports, declarationProjects, repositoryRoot } from "../apiReport.ts"

describe("docs/api", () => {
  it("says what the packages export; else run: npx -y pnpm@12 pages", () => {
    execFileSync("npx", ["tsc", "-b", ...declarationProjects], { cwd: repositoryRoot, stdio: "pipe" })
    for (const [path, text] of apiReports()) {
      assert.isTrue(existsSync(path), path)
      assert.strictEqual(readFileSync(path, "utf8"), text)
    }
  }, 120_000)

  it("shows a dozen names at the root of core, and no more", () => {
    const page = readFileSync(join(repositoryRoot, "docs/api/core.md"), "utf8")
    const names = Array.from(/^Exported: (.*)\.$/m.exec(page)![1]!.matchAll(/`(\w+)`/g))
    assert.isAtMost(names.length, 12)
  })
})

describe("apiReport", () => {
  it("follows what an exported name is made of, through files, and leaves comments and private members out", () => {
    const folder = mkdtempSync(join(tmpdir(), "api-report-"))
    try {
      const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
      write("index.d.ts", `export { A } from "./a.ts"\nexport type * as Parts from "./parts.ts"\n`)
      write("parts.d.ts", `export type { C as D } from "./b.ts"\n`)
      write(
        "a.d.ts",
        `import type { B } from "./b.ts"\n/** Says it. */\nexport declare class A {\n    private x;\n    /** B. */\n    b: B;\n}\n`
      )
      write("b.d.ts", `export interface B {\n    n: 1;\n}\nexport type C = 2\nexport type Unused = 3\n`)
      const report = apiReport("t", join(folder, "index.d.ts"))
      assert.include(report, "Exported: `A`, `Parts`.")
      assert.include(report, "declare class A {\n    b: B;\n}\n\ninterface B {\n    n: 1;\n}\n\ntype C = 2\n")
      assert.notInclude(report, "Unused")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
