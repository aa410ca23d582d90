import type { Percentiles } from "./Load.ts"

/** Buckets per power of two: values are kept within 1.6 percent. */
const bucketsPerOctave = 64
const octaves = 34

/** Counts of durations in logarithmic buckets, from a microsecond to hours, as HdrHistogram does. */
export class Histogram {
  private readonly counts = new Uint32Array(bucketsPerOctave * octaves)
  private count = 0
  private largest = 0

  add(milliseconds: number): void {
    const micros = Math.max(1, milliseconds * 1000)
    const bucket = Math.floor(Math.log2(micros) * bucketsPerOctave)
    this.counts[Math.min(bucket, this.counts.length - 1)]!++
    this.count++
    if (milliseconds > this.largest) this.largest = milliseconds
  }

  clear(): void {
    this.counts.fill(0)
    this.count = 0
    this.largest = 0
  }

  private percentile(fraction: number): number {
    let left = Math.ceil(this.count * fraction)
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      left -= this.counts[bucket]!
      if (left <= 0) return Math.min(this.largest, 2 ** ((bucket + 1) / bucketsPerOctave) / 1000)
    }
    return this.largest
  }

  /** Undefined when nothing was added. */
  get percentiles(): Percentiles | undefined {
    if (this.count === 0) return undefined
    return {
      p50: this.percentile(0.5),
      p99: this.percentile(0.99),
      p999: this.percentile(0.999),
      max: this.largest
    }
  }
}
