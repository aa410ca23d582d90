/** Writes `docs/COMPATIBILITY.md`: `node scripts/generate-compatibility.ts`. */
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { compatibilityPage } from "./compatibility/compatibilityPage.ts"
import { servedApis } from "./compatibility/servedApis.ts"

const served = await Effect.runPromise(servedApis)
writeFileSync(new URL("../docs/COMPATIBILITY.md", import.meta.url), compatibilityPage(served))
