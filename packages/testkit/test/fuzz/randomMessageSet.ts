import type { CompressionCodecs } from "../../../core/src/protocol/records/Compression.ts"
import { crc32 } from "../../../core/src/protocol/records/Crc32.ts"
import type { Prng } from "./Prng.ts"

const gzip = 1
const snappy = 2
const lz4 = 3

const bytesField = (bytes: Uint8Array | null): Uint8Array => {
  const field = new Uint8Array(4 + (bytes?.length ?? 0))
  new DataView(field.buffer).setInt32(0, bytes?.length ?? -1)
  if (bytes !== null) field.set(bytes, 4)
  return field
}

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** One message of magic 0 or 1 with offset and checksum. */
const message = (
  magic: number,
  offset: number,
  attributes: number,
  key: Uint8Array | null,
  value: Uint8Array | null
): Uint8Array => {
  const header = new Uint8Array(magic === 0 ? 18 : 26)
  const bytes = joined([header, bytesField(key), bytesField(value)])
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, BigInt(offset))
  view.setInt32(8, bytes.length - 12)
  bytes[16] = magic
  bytes[17] = attributes
  if (magic === 1) view.setBigInt64(18, 1_700_000_000_000n)
  view.setUint32(12, crc32(bytes, 16, bytes.length))
  return bytes
}

const damage = (prng: Prng, bytes: Uint8Array): Uint8Array => {
  const at = prng.below(bytes.length)
  bytes[at] = prng.pick([0, 0x7f, 0x80, 0xff, prng.below(256)])
  const view = new DataView(bytes.buffer)
  const end = view.getInt32(8) + 12
  if (prng.once(2) && end > 16 && end <= bytes.length) view.setUint32(12, crc32(bytes, 16, end))
  return prng.once(5) ? bytes.slice(0, prng.below(bytes.length + 1)) : bytes
}

/** Messages of magic 0 or 1, plain or wrapped in a compressed one, and every third set damaged. */
export const randomMessageSet = (prng: Prng, codecs: CompressionCodecs): Uint8Array => {
  const magic = prng.below(2)
  const messages = Array.from({ length: prng.between(1, 3) }, (_, i) => {
    const key = prng.once(2) ? null : prng.bytes(prng.below(6))
    return message(magic, i, 0, key, prng.once(6) ? null : prng.bytes(prng.below(30)))
  })
  let set = joined(messages)
  if (prng.once(2)) {
    const codec = prng.pick([gzip, snappy, lz4])
    const name = (["gzip", "snappy", "lz4"] as const)[codec - 1]!
    const inner = prng.once(5) ? damage(prng, set) : set
    set = message(magic, messages.length - 1, prng.once(10) ? prng.below(8) : codec, null, codecs[name].compress(inner))
  }
  return prng.once(3) ? damage(prng, set) : set
}
