/** A record as every suite writes and compares it. */
export interface Payload {
  readonly key: Buffer | null
  readonly value: Buffer
  readonly headers: ReadonlyArray<readonly [string, Buffer]>
}

const bytes = (seed: number, length: number): Buffer => {
  const out = Buffer.alloc(length)
  let state = seed * 2_654_435_761 + 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    out[index] = state >>> 16
  }
  return out
}

/** Binary, empty, long and text records, keyed and not: the same ones at every call. */
export const samplePayloads = (): ReadonlyArray<Payload> => [
  { key: null, value: Buffer.from("plain text"), headers: [] },
  { key: Buffer.from("key"), value: Buffer.from("grüße, 世界"), headers: [["trace", Buffer.from("1")]] },
  { key: Buffer.from([0, 255, 10, 13]), value: bytes(1, 300), headers: [["a", bytes(2, 5)], ["a", bytes(3, 5)]] },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [["empty", Buffer.alloc(0)]] },
  { key: Buffer.from("long"), value: bytes(4, 70_000), headers: [] },
  { key: Buffer.from("repeats"), value: Buffer.alloc(50_000, "abcdefgh"), headers: [] }
]

/** Many small records, so that a client fills whole batches. */
export const manyPayloads = (count: number): ReadonlyArray<Payload> =>
  Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`key-${index % 17}`),
    value: Buffer.from(`value ${index} ${"x".repeat(index % 50)}`),
    headers: [] as ReadonlyArray<readonly [string, Buffer]>
  }))

const hex = (value: Uint8Array | null): string | null => value === null ? null : Buffer.from(value).toString("hex")

/** What two payload lists are compared by; shows where they differ. */
export const comparable = (payloads: ReadonlyArray<Payload>): unknown =>
  payloads.map(({ headers, key, value }) => ({
    key: hex(key),
    value: hex(value),
    headers: headers.map(([name, content]) => [name, hex(content)])
  }))
