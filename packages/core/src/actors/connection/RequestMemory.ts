/**
 * The bytes of requests that all connections together hold: received and not yet answered. Above the bound, connections
 * stop reading until it falls below again. Source: `queued.max.request.bytes`.
 */
export class RequestMemory {
  private usedBytes = 0
  private waiting: Array<() => void> = []
  private readonly maxBytes: number

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get isFull(): boolean {
    return this.usedBytes >= this.maxBytes
  }

  add(bytes: number): void {
    this.usedBytes += bytes
  }

  remove(bytes: number): void {
    this.usedBytes -= bytes
    if (this.waiting.length > 0 && this.usedBytes < this.maxBytes) {
      const resumed = this.waiting
      this.waiting = []
      for (const resume of resumed) resume()
    }
  }

  /** Calls `resume` once when there is room again. */
  whenRoom(resume: () => void): void {
    this.waiting.push(resume)
  }
}
