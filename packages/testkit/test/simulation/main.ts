/**
 * Runs simulated worlds and judges them: `pnpm simulate --seeds N [--from S]`. Ends with `N seeds, M operations, F failed` and
 * exit code 1 when one failed; a failed seed is made smaller and printed with the line that repeats it. `--seed S` runs one,
 * `--planted` puts ten mistakes into the broker, one at a time, and looks whether they are found.
 * `--trace` prints what happened in it; `--brief` prints a line for each failed seed and does not make it smaller.
 */
import { parseArgs } from "node:util"
import type { Violation } from "./checkers/Facts.ts"
import { measureIdleGroup } from "./idleGroup.ts"
import { findPlanted } from "./planted/findPlanted.ts"
import { cutPlan, describeFault, drawPlan, type PlanCut } from "./Plan.ts"
import { runOnce, runPlan } from "./runPlan.ts"
import { shrink } from "./shrink.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    brief: { type: "boolean", default: false },
    workloads: { type: "string" },
    faults: { type: "string" },
    operations: { type: "string" },
    planted: { type: "boolean", default: false },
    "until-failed": { type: "boolean", default: false }
  }
})

const places = (text: string): ReadonlyArray<number> => text === "" ? [] : text.split(",").map(Number)

/** What the command line leaves of each plan. */
const cut: PlanCut = {
  ...(values.workloads === undefined ? {} : { workloads: places(values.workloads) }),
  ...(values.faults === undefined ? {} : { faults: places(values.faults) }),
  ...(values.operations === undefined ? {} : { operations: Number(values.operations) })
}

const print = (violations: ReadonlyArray<Violation>): void => {
  for (const { checker, message } of violations) console.log(`  ${checker}: ${message}`)
}

const runSeed = (seed: number): never => {
  const plan = cutPlan(drawPlan(seed), cut)
  for (const { kind, name, operations } of plan.workloads) {
    console.log(`client ${name} (${kind}), ${operations} operations`)
  }
  for (const fault of plan.faults) console.log(`fault ${describeFault(fault)}`)
  console.log(`at the end: ${plan.lastEnd}`)
  const result = values.trace ? runOnce(plan) : runPlan(plan)
  if (values.trace) { for (const line of result.trace.lines()) console.log(line) }
  else for (const warning of result.warnings) console.log(warning)
  print(result.violations)
  console.log(
    `${result.operations} operations in ${
      (result.simulatedMs / 1000).toFixed(3)
    } simulated s, trace ${result.trace.hash}`
  )
  process.exit(result.violations.length > 0 ? 1 : 0)
}

const replayLine = (seed: number, { faults, operations, workloads }: Required<PlanCut>): string =>
  `npx -y pnpm@12 simulate --seed ${seed} --workloads ${workloads.join()} --faults "${faults.join()}" --operations ${operations} --trace`

const runSeeds = (from: number, seeds: number): never => {
  const began = process.cpuUsage()
  let operations = 0
  let failed = 0
  let simulatedMs = 0
  let repairs = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const result = runPlan(cutPlan(drawPlan(seed), cut))
    operations += result.operations
    simulatedMs += result.simulatedMs
    repairs += result.repairs
    if (result.violations.length === 0) continue
    failed++
    if (values.brief) {
      const [{ checker, message }] = result.violations as [Violation]
      console.log(`seed ${seed} FAILED ${checker}: ${message.split("\n")[0]!.slice(0, 240)}`)
      continue
    }
    console.log(`seed ${seed} FAILED`)
    print(result.violations)
    const smallest = shrink(seed, result.violations[0]!.checker, cut)
    console.log(`  made smaller:`)
    print(runOnce(cutPlan(drawPlan(seed), smallest)).violations.slice(0, 2))
    console.log(`  ${replayLine(seed, smallest)}`)
  }
  const { system, user } = process.cpuUsage(began)
  const cpuMs = (system + user) / 1000
  console.log(
    `${Math.round(operations * 2 / cpuMs * 1000)} simulated operations/s of CPU (each seed runs twice), ` +
      `${Math.round(simulatedMs * 2 / cpuMs)} times the wall clock; a group that idles: ${
        Math.round(measureIdleGroup())
      } times`
  )
  console.log(`${repairs} logs cut by the operator after power cuts`)
  console.log(`${seeds} seeds, ${operations} operations, ${failed} failed`)
  process.exit(failed > 0 ? 1 : 0)
}

/** Runs each seed once, until one fails: how a planted bug is looked for. */
const runUntilFailed = (from: number, seeds: number): never => {
  for (let seed = from; seed < from + seeds; seed++) {
    const [violation] = runOnce(cutPlan(drawPlan(seed), cut)).violations
    if (violation === undefined) continue
    const said = `${violation.checker}: ${violation.message.split("\n")[0]!.slice(0, 160)}`
    console.log(`${seed - from + 1} seeds until the first failed: seed ${seed}, ${said}`)
    process.exit(1)
  }
  process.exit(0)
}

if (values.planted) process.exit(findPlanted(Number(values.seeds)))
else if (values["until-failed"]) runUntilFailed(Number(values.from), Number(values.seeds))
else if (values.seed === undefined) runSeeds(Number(values.from), Number(values.seeds))
else runSeed(Number(values.seed))
