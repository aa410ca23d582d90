import golden from "../../fixtures/records/golden-batches.json" with { type: "json" }

/** Names of the batches that Kafka's own classes wrote; see `fixtures/records/GoldenBatches.java`. */
export type GoldenName = keyof typeof golden

/** A fresh copy of a golden batch or message set. */
export const goldenBatch = (name: GoldenName): Uint8Array => new Uint8Array(Buffer.from(golden[name], "base64"))

export const text = (bytes: Uint8Array | null): string | null => bytes === null ? null : new TextDecoder().decode(bytes)

export const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

/** The timestamp of the golden batches' first record. */
export const goldenTimestamp = 1_700_000_000_000
