import { LogFiles, type VolumeObserver } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import { makeSimDisk } from "../../src/simulation/SimDisk.ts"
import { checkImage } from "./checkImage.ts"
import { crashBroker } from "./crashBroker.ts"
import { type CrashImage, imagesOf, ImageStore } from "./crashImages.ts"
import { crashWorkload, Ledger } from "./crashWorkload.ts"
import type { Expectation } from "./Expectation.ts"

/** Pairs of deviations taken of each moment. */
const PAIRS_MAX = 60
/** Of so many images, one is stopped cleanly and started again: it costs as much as to recover another image. */
const STARTED_AGAIN_ONE_OF = 4

/** An image that a crash can leave, with what a client knew at each moment at which it can. */
export interface CrashState {
  readonly image: CrashImage
  readonly expectations: Set<Expectation>
}

/** Runs the workload on a simulated disk and gives every state that a crash at any moment of it can leave. */
export const recordCrashStates = Effect.gen(function*() {
  const states = new Map<string, CrashState>()
  const store = new ImageStore()
  const disk = makeSimDisk({ random: { next: () => 0 } })
  let expectation: Expectation | undefined
  let moments = 0
  const crashHere = (): void => {
    if (expectation === undefined) return
    moments++
    for (const image of imagesOf(disk.unsynced, store, PAIRS_MAX)) {
      const state = states.get(image.hash)
      if (state === undefined) states.set(image.hash, { image, expectations: new Set([expectation]) })
      else state.expectations.add(expectation)
    }
  }
  const { unsynced } = disk
  const observer: VolumeObserver = {
    wrote: (file, position, sizeBytes) => {
      unsynced.wrote(file, position, sizeBytes)
      crashHere()
    },
    truncated: (file, sizeBytes) => {
      unsynced.truncated(file, sizeBytes)
      crashHere()
    },
    named: (steps) => {
      unsynced.named(steps)
      crashHere()
    }
  }
  disk.volume.observer = observer
  const ledger = new Ledger((known) => {
    expectation = known
    crashHere()
  })
  const files = Layer.effect(LogFiles, LogFiles).pipe(Layer.provide(disk.layer))
  yield* Effect.scoped(Effect.provide(crashWorkload(ledger), crashBroker(files, []), { local: true }))
  crashHere()
  return { moments, states: [...states.values()] }
})

/** What came of the images of a run. */
export interface CrashStatesReport {
  readonly moments: number
  readonly images: number
  readonly checked: number
  /** Images of which a partition is not served. */
  readonly offline: ReadonlyArray<string>
  /** Broken promises, each with the number of its image. */
  readonly problems: ReadonlyArray<string>
}

/** Recovers every `oneOf`-th image. */
export const crashStates = (oneOf: number, onChecked: (checked: number, images: number) => void = () => {}) =>
  Effect.gen(function*() {
    const { moments, states } = yield* recordCrashStates
    const offline: Array<string> = []
    const problems: Array<string> = []
    let checked = 0
    for (let index = 0; index < states.length; index += oneOf) {
      const { expectations, image } = states[index]!
      const verdict = yield* checkImage(image.root, [...expectations], {
        startsAgain: checked % STARTED_AGAIN_ONE_OF === 0
      })
      checked++
      problems.push(...verdict.problems.map((problem) => `image ${index}: ${problem}`))
      offline.push(...verdict.offline.map((partition) => `image ${index}: ${partition}`))
      onChecked(checked, states.length)
    }
    return { moments, images: states.length, checked, offline, problems } satisfies CrashStatesReport
  })
