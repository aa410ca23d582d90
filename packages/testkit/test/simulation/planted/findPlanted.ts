import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { plantedBugs } from "./plantedBugs.ts"

/** Looks for each bug begin at this many places, so that the count of seeds says more than one draw. */
const BEGINNINGS = [1, 100_001, 200_001]

const main = fileURLToPath(new URL("../main.ts", import.meta.url))
const plant = new URL("./plant.ts", import.meta.url).href

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((one, other) => one - other)[numbers.length >> 1]!

/** Seeds until one failed, and what it said; undefined when none of `seedsMax` did. */
const seedsToFind = (
  name: string,
  from: number,
  seedsMax: number
): { readonly seeds: number; readonly said: string } | undefined => {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ["--import", plant, main, "--until-failed", "--seeds", String(seedsMax), "--from", String(from)],
    { encoding: "utf8", env: { ...process.env, PLANTED_BUG: name }, maxBuffer: 1 << 28 }
  )
  const found = /^(\d+) seeds until the first failed: (.*)$/m.exec(stdout)
  if (found !== null) return { seeds: Number(found[1]), said: found[2]! }
  if (status === 0) return undefined
  throw new Error(`the run with "${name}" ended with ${status}:\n${stderr}`)
}

/** Plants one bug after the other and says how many seeds it took to find it; the exit code. */
export const findPlanted = (seedsMax: number): number => {
  const medians: Array<number> = []
  for (const { name } of plantedBugs) {
    const found = BEGINNINGS.map((from) => seedsToFind(name, from, seedsMax))
    const known = found.flatMap((one) => one === undefined ? [] : [one])
    if (known.length < found.length) {
      console.log(`${name}: NOT FOUND in ${seedsMax} seeds (${found.length - known.length} of ${found.length} times)`)
      if (known.length === 0) continue
    }
    const seeds = median(found.map((one) => one?.seeds ?? seedsMax))
    if (known.length === found.length) medians.push(seeds)
    console.log(`${name}: found after ${seeds} seeds; ${known[0]!.said}`)
  }
  console.log(
    `${medians.length} of ${plantedBugs.length} planted bugs found, median ${
      medians.length === 0 ? "-" : median(medians)
    } seeds`
  )
  return medians.length === plantedBugs.length ? 0 : 1
}
