import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { compatibilityPage } from "../compatibility/compatibilityPage.ts"
import { differences } from "../compatibility/differences.ts"
import { kafkaApis } from "../compatibility/kafkaApis.ts"
import { servedApis } from "../compatibility/servedApis.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("docs/COMPATIBILITY.md", () => {
  it.live("says what the broker serves; else run: node scripts/generate-docs.ts", () =>
    Effect.gen(function*() {
      const served = yield* servedApis
      assert.strictEqual(readFileSync(`${root}/docs/COMPATIBILITY.md`, "utf8"), compatibilityPage(served))
    }))

  it.live("names every API that is served", () =>
    Effect.gen(function*() {
      const named = new Set(kafkaApis.map(([key]) => key))
      for (const { key } of yield* servedApis) assert.isTrue(named.has(key), `key ${key}`)
    }))

  it("lists every difference that a comment in the sources calls deliberate", () => {
    const marked = globSync("**/*.ts", { cwd: `${root}/packages/core/src` }).filter((file) =>
      /deliberate\s+(\*\s+)?difference/i.test(readFileSync(`${root}/packages/core/src/${file}`, "utf8"))
    )
    const listed = differences.flatMap(({ sources }) => sources ?? [])
    assert.sameMembers(listed, marked)
  })
})
