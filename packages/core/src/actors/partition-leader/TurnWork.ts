import type { Tick } from "../../seams/Tick.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"

/** How much all partitions of a broker validated in this turn of the loop, so that no burst of batches stops everything else. */
export class TurnWork {
  private readonly tick: Tick["Service"]
  private spentBytes = 0

  constructor(tick: Tick["Service"]) {
    this.tick = tick
  }

  /** Whether what is left has to wait for the next turn. */
  get isSpent(): boolean {
    return this.spentBytes >= PartitionLeaderLimits.validatedInTurnBytesMax
  }

  /** Counts bytes that were checked or decompressed. */
  spend(bytes: number): void {
    if (this.spentBytes === 0) this.tick.atEnd(this.startAnew)
    this.spentBytes += bytes
  }

  private readonly startAnew = (): void => {
    this.spentBytes = 0
  }
}
