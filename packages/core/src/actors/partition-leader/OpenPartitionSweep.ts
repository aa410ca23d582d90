import type { DeadlineTimer, Expiring } from "./DeadlineTimer.ts"
import type { PartitionActor } from "./PartitionActor.ts"

/** Something done to every open partition now and then; no timer runs while none is open. */
export class OpenPartitionSweep implements Expiring {
  private readonly open = new Set<PartitionActor>()
  private readonly deadlines: DeadlineTimer
  private readonly intervalMs: number
  private readonly visit: (actor: PartitionActor, nowMs: number) => void
  /** When the next sweep is due, in milliseconds since the epoch; Infinity while no partition is open. */
  private dueMs = Infinity

  constructor(
    deadlines: DeadlineTimer,
    intervalMs: number,
    visit: (actor: PartitionActor, nowMs: number) => void
  ) {
    this.deadlines = deadlines
    this.intervalMs = intervalMs
    this.visit = visit
  }

  add(actor: PartitionActor, nowMs: number): void {
    this.open.add(actor)
    if (this.dueMs < Infinity) return
    this.dueMs = nowMs + this.intervalMs
    this.deadlines.watch(this, this.dueMs)
  }

  delete(actor: PartitionActor): void {
    this.open.delete(actor)
  }

  expire(nowMs: number): number {
    if (nowMs < this.dueMs) return this.dueMs
    // A visit may close the partition.
    for (const actor of [...this.open]) this.visit(actor, nowMs)
    this.dueMs = this.open.size === 0 ? Infinity : nowMs + this.intervalMs
    return this.dueMs
  }
}
