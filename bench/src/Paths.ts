import { mkdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const fromRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The folders of the bench; everything that is built or written while it runs lies under a `.cache`. */
export const paths = {
  repository: fromRepository(""),
  floor: fromRepository("bench/src/floor/main.ts"),
  generator: fromRepository("bench/src/generator/main.ts"),
  broker: fromRepository("packages/node-server/src/main.ts"),
  kfake: fromRepository("bench/kfake"),
  /** Where a bundle finds the optional packages of the broker. */
  bundles: fromRepository("packages/node-server/node_modules/.cache/bench"),
  binaries: fromRepository(".cache/bench/bin"),
  work: fromRepository(".cache/bench/work"),
  results: fromRepository("bench/results")
} as const

/** A new empty folder for one broker's data. */
export const makeDataDir = (name: string): string => {
  const folder = `${paths.work}/${name}-${process.pid}-${Date.now().toString(36)}`
  mkdirSync(folder, { recursive: true })
  return folder
}
