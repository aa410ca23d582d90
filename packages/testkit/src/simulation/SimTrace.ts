/** What a line of the trace is about; `a`, `b` and `c` are its numbers, or the places of its texts. */
export type TraceKind = keyof typeof formats

type Format = (a: number, b: number, c: number, text: (place: number) => string) => string

const side = (toServer: number): string => toServer === 1 ? "to the broker" : "to the client"

const formats = {
  Run: (a, b) => `run ${b} of ${a} ready`,
  Time: (a) => `time moves by ${a} us`,
  Connect: (a, b, _c, text) => `connection ${a} of ${text(b)}`,
  Deliver: (a, b, c) => `connection ${a >> 1}: ${b} bytes ${side(a & 1)}, hash ${(c >>> 0).toString(16)}`,
  Close: (a, b, c) => `connection ${a}: ${c === 1 ? "lost" : "closed"} ${b} bytes into the direction ${side(c & 1)}`,
  Disk: (a, b, c, text) => `disk ${text(a)} ${text(b)} ${c}`,
  Log: (a, b, _c, text) => `log ${text(a)} ${text(b)}`,
  Life: (a, b, _c, text) => `broker life ${a}: ${text(b)}`,
  Clock: (a) => `wall clock moves by ${a} ms`,
  Note: (a, b, c, text) => `${text(a)} ${text(b)}${c === 0 ? "" : ` ${c}`}`
} as const satisfies Record<string, Format>

const kinds = Object.keys(formats) as ReadonlyArray<TraceKind>
const kindNumbers = new Map(kinds.map((kind, index) => [kind, index]))

/** Kinds that are left out of a text for people: they say in which order things ran, and nothing of what. */
const quiet: ReadonlySet<TraceKind> = new Set(["Run", "Time"])

const WIDTH = 5

/** All that happened in a simulation, in order: numbers only, so that it costs little and is compared exactly. */
export class SimTrace {
  private values = new Float64Array(WIDTH * 1024)
  private used = 0
  private readonly texts: Array<string> = []
  private readonly places = new Map<string, number>()

  /** Events noted. */
  get length(): number {
    return this.used / WIDTH
  }

  note(atMicros: number, kind: TraceKind, a = 0, b = 0, c = 0): void {
    if (this.used === this.values.length) {
      const grown = new Float64Array(this.values.length * 2)
      grown.set(this.values)
      this.values = grown
    }
    const { used, values } = this
    values[used] = atMicros
    values[used + 1] = kindNumbers.get(kind)!
    values[used + 2] = a
    values[used + 3] = b
    values[used + 4] = c
    this.used = used + WIDTH
  }

  /** The place of a text, by which events name it. */
  place(text: string): number {
    let place = this.places.get(text)
    if (place === undefined) {
      place = this.texts.length
      this.texts.push(text)
      this.places.set(text, place)
    }
    return place
  }

  /** Where the other trace is different, by number of event; undefined when both are the same to the last bit. */
  firstDifference(other: SimTrace): number | undefined {
    const end = Math.max(this.used, other.used)
    for (let i = 0; i < end; i++) {
      if (i >= this.used || i >= other.used || !Object.is(this.values[i], other.values[i])) return Math.floor(i / WIDTH)
    }
    const texts = Math.max(this.texts.length, other.texts.length)
    for (let i = 0; i < texts; i++) if (this.texts[i] !== other.texts[i]) return this.length
    return undefined
  }

  /** A number for the whole, to compare runs in different processes. Source: FNV-1a over 32-bit words. */
  get hash(): string {
    const words = new Uint32Array(this.values.buffer, 0, this.used * 2)
    let low = 0x811c_9dc5
    let high = 0x01b3_c9dd
    for (let i = 0; i < words.length; i++) {
      low = Math.imul(low ^ words[i]!, 0x0100_0193)
      high = Math.imul(high ^ words[i]! ^ (low >>> 7), 0x85eb_ca6b)
    }
    for (const text of this.texts) {
      for (let i = 0; i < text.length; i++) low = Math.imul(low ^ text.charCodeAt(i), 0x0100_0193)
    }
    return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0")
  }

  /** One event as a line: milliseconds of simulated time, then what happened. */
  line(index: number): string {
    const at = index * WIDTH
    if (at >= this.used) return "the end"
    const [micros, kind, a, b, c] = this.values.subarray(at, at + WIDTH) as unknown as [
      number,
      number,
      number,
      number,
      number
    ]
    return `${(micros / 1000).toFixed(3).padStart(12)} ${
      formats[kinds[kind]!](a, b, c, (place) => this.texts[place] ?? "?")
    }`
  }

  /** What happened as lines; the order of runs is left out unless `isWhole`. */
  *lines(isWhole = false): Generator<string> {
    for (let i = 0; i < this.length; i++) {
      if (isWhole || !quiet.has(kinds[this.values[i * WIDTH + 1]!]!)) yield this.line(i)
    }
  }
}
