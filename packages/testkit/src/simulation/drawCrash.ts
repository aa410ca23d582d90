import type { CrashChoices, SectorFate } from "./UnsyncedChanges.ts"

/** Numbers from 0 to below 1. */
export interface DiskRandom {
  next(): number
}

/** From 0 to 1; the ends are as likely as a fifth of all between, so that whole losses and none are seen often. */
const drawRate = (random: DiskRandom): number => Math.min(1, Math.max(0, random.next() * 1.4 - 0.2))

/** A crash of which everything is drawn: how much of names and contents was kept, then each of them. */
export const drawCrash = (random: DiskRandom): CrashChoices => {
  const namesKept = drawRate(random)
  const writesKept = drawRate(random)
  /** Of the sectors that were not kept: those of which nothing came to the disk. */
  const writesLost = drawRate(random)
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const damaged = (sizeBytes: number): SectorFate => {
    const kind = below(3)
    if (kind === 0) return { _tag: "Zeroed" }
    if (kind === 1) return { _tag: "Garbage", byteAt: () => below(256) }
    return { _tag: "Torn", keptBytes: below(sizeBytes) }
  }
  return {
    isNameKept: () => random.next() < namesKept,
    isTruncationKept: () => random.next() < writesKept,
    sector: (_file, writes, sizeBytes) => {
      if (random.next() < writesKept) return { _tag: "Written", writes }
      if (random.next() < writesLost) return { _tag: "Written", writes: below(writes) }
      return damaged(sizeBytes)
    }
  }
}
