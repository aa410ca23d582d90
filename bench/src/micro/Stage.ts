/** One stage of the way of a request, to be repeated alone. */
export interface Stage {
  readonly name: string
  /** Does the work once; what it returns is consumed, so that it cannot be optimised away. */
  readonly run: () => number
  /** Bytes that one run goes over. */
  readonly bytes: number
}

const warmUpMs = 200
const roundMs = 100
const rounds = 7

let sink = 0

const runsFor = (stage: Stage, milliseconds: number): number => {
  const end = performance.now() + milliseconds
  let runs = 0
  while (performance.now() < end) {
    for (let index = 0; index < 64; index++) sink ^= stage.run()
    runs += 64
  }
  return runs
}

/** Nanoseconds of one run: the fastest of several rounds, which the neighbours on the machine disturbed least. */
export const measureStage = (stage: Stage): number => {
  runsFor(stage, warmUpMs)
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    const runs = runsFor(stage, roundMs)
    best = Math.min(best, (performance.now() - startedAt) * 1e6 / runs)
  }
  return best
}

/** What all runs left; printed by nobody, but it must not be thrown away. */
export const consumed = (): number => sink
