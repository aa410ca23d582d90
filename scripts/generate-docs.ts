/** Writes the generated pages below `docs`: `node scripts/generate-docs.ts`. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { apiReports, declarationProjects, repositoryRoot } from "./api/apiReport.ts"
import { compatibilityPage } from "./compatibility/compatibilityPage.ts"
import { servedApis } from "./compatibility/servedApis.ts"
import { settingsPage } from "./settings/settingsPage.ts"

const served = await Effect.runPromise(servedApis)
writeFileSync(new URL("../docs/COMPATIBILITY.md", import.meta.url), compatibilityPage(served))

writeFileSync(new URL("../docs/settings.md", import.meta.url), settingsPage())

execFileSync("npx", ["tsc", "-b", ...declarationProjects], { cwd: repositoryRoot, stdio: "inherit" })
for (const [path, text] of apiReports()) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
