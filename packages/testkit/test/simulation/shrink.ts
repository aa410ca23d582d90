import { cutPlan, drawPlan, type PlanCut } from "./Plan.ts"
import { runOnce } from "./runPlan.ts"

/** Runs that shrinking may take: each costs as much as the seed did. */
const RUNS_MAX = 80

const without = (places: ReadonlyArray<number>, place: number): ReadonlyArray<number> =>
  places.filter((other) => other !== place)

/**
 * The smallest part of a seed's plan that still breaks the same promise: faults, clients and operations are left out one
 * after the other for as long as it does.
 */
export const shrink = (seed: number, checker: string, begun: PlanCut): Required<PlanCut> => {
  const plan = drawPlan(seed)
  let runs = 0
  const fails = (cut: PlanCut): boolean => {
    runs++
    return runOnce(cutPlan(plan, cut)).violations.some((violation) => violation.checker === checker)
  }
  let best: Required<PlanCut> = {
    workloads: begun.workloads ?? plan.workloads.map((_, place) => place),
    faults: begun.faults ?? plan.faults.map((_, place) => place),
    operations: begun.operations ?? Math.max(...plan.workloads.map(({ operations }) => operations), 0)
  }
  for (let isSmaller = true; isSmaller && runs < RUNS_MAX;) {
    isSmaller = false
    const smaller: ReadonlyArray<() => Required<PlanCut>> = [
      ...best.faults.map((place) => () => ({ ...best, faults: without(best.faults, place) })),
      ...best.workloads.map((place) => () => ({ ...best, workloads: without(best.workloads, place) })),
      () => ({ ...best, operations: Math.floor(best.operations / 2) }),
      () => ({ ...best, operations: best.operations - 1 })
    ]
    for (const make of smaller) {
      const cut = make()
      if (runs >= RUNS_MAX) break
      if (cut.operations < 1 || !fails(cut)) continue
      best = cut
      isSmaller = true
    }
  }
  return best
}
