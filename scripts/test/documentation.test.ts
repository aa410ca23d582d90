import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { settingsPage } from "../settings/settingsPage.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), "utf8")

const pages = globSync("{*.md,docs/**/*.md,{packages/*,interop,bench,examples,lint-fixtures}/*.md}", { cwd: root })

/** Folders under the packages' sources that hold a file or a folder that does. */
const sourceFolders = (): ReadonlyArray<string> => {
  const folders = new Set<string>()
  for (const file of globSync("*/src/**/*.ts", { cwd: join(root, "packages") })) {
    for (let folder = dirname(file); folder.includes("/"); folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].sort()
}

describe("docs/ARCHITECTURE.md", () => {
  const page = read("docs/ARCHITECTURE.md")

  it("names every folder of the sources in its file map, and no other", () => {
    const mapped = Array.from(page.matchAll(/^\| `([^`]+\/src[^`]*)`/gm), ([, folder]) => folder!)
    assert.deepStrictEqual(mapped.toSorted(), sourceFolders())
  })
})

describe("docs/settings.md", () => {
  it("says of every setting when it acts; else run: npx -y pnpm@12 pages", () => {
    assert.strictEqual(read("docs/settings.md"), settingsPage())
  })
})

describe("the documentation", () => {
  it("names only files that exist", () => {
    const missing = pages.filter((page) => page.startsWith("docs/")).flatMap((page) =>
      Array.from(read(page).matchAll(/`([A-Za-z][\w-]*(?:\/[\w.-]+)+\.ts)`/g), ([, path]) => path!)
        .filter((path) => !["", "packages/core/src"].some((from) => existsSync(join(root, from, path))))
        .map((path) => `${page}: ${path}`)
    )
    assert.deepStrictEqual(missing, [])
  })

  it("links only to files that exist", () => {
    const broken = pages.flatMap((page) =>
      Array.from(read(page).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, link]) => link!)
        .filter((link) => !existsSync(join(root, dirname(page), link)))
        .map((link) => `${page}: ${link}`)
    )
    assert.deepStrictEqual(broken, [])
  })

  it("names only commands that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json"))
    const unknown = pages.flatMap((page) =>
      Array.from(read(page).matchAll(/pnpm@12 ([a-z-]+)/g), ([, command]) => command!)
        .filter((command) => !["exec", "install"].includes(command) && scripts[command] === undefined)
        .map((command) => `${page}: ${command}`)
    )
    assert.deepStrictEqual(unknown, [])
  })
})
