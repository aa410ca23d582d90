const hash = (text: string): number => {
  let state = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x0100_0193)
  return state
}

/**
 * One stream of numbers, the same for the same seed and name on every machine. What draws from a stream of its own does not
 * change what others draw, so a run with fewer faults stays like the one with all. Source: sfc32.
 */
export class SimRandom {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number, stream: string) {
    this.a = seed | 0
    this.b = hash(stream)
    this.c = Math.floor(seed / 0x1_0000_0000) ^ 0x9e37_79b9
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** A whole number below 2^32. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum | 0
    return sum >>> 0
  }

  /** From 0 to below 1. */
  readonly next = (): number => this.uint32() / 0x1_0000_0000

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  pick<A>(values: ReadonlyArray<A>): A {
    return values[this.below(values.length)]!
  }
}
