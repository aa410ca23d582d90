declare const brand: unique symbol

/**
 * A 128-bit id in Kafka's text form: 22 characters of base64url without padding, such as topic and directory ids.
 *
 * Source: org.apache.kafka.common.Uuid.
 */
export type Uuid = string & { readonly [brand]: "Uuid" }

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
/** Two characters for every 12 bits. */
const pairs: ReadonlyArray<string> = Array.from(
  { length: 4096 },
  (_, bits) => alphabet.charAt(bits >> 6) + alphabet.charAt(bits & 63)
)
const sextets = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) sextets[alphabet.charCodeAt(i)] = i

/** Slots of the table of ids read lately: fetches by topic id repeat them in every request. A power of two. */
const knownSlots = 256
const knownWords = new Int32Array(knownSlots * 4)
const knownTexts: Array<Uuid> = Array.from({ length: knownSlots }, () => "AAAAAAAAAAAAAAAAAAAAAA" as Uuid)

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const toText = (bytes: Uint8Array, at: number): Uuid => {
  let text = ""
  for (let i = at; i < at + 15; i += 3) {
    text += pairs[(bytes[i]! << 4) | (bytes[i + 1]! >> 4)]! + pairs[((bytes[i + 1]! & 15) << 8) | bytes[i + 2]!]!
  }
  return text + pairs[bytes[at + 15]! << 4]! as Uuid
}

/** The id in the 16 bytes from `at`, which must be there. */
export const readUuid = (bytes: Uint8Array, at: number): Uuid => {
  const a = word(bytes, at)
  const b = word(bytes, at + 4)
  const c = word(bytes, at + 8)
  const d = word(bytes, at + 12)
  const mixed = Math.imul(a ^ b ^ c ^ d, 0x9e3779b1)
  const slot = mixed >>> 24
  const from = slot * 4
  if (
    knownWords[from] === a && knownWords[from + 1] === b && knownWords[from + 2] === c && knownWords[from + 3] === d
  ) return knownTexts[slot]!
  const text = toText(bytes, at)
  knownWords[from] = a
  knownWords[from + 1] = b
  knownWords[from + 2] = c
  knownWords[from + 3] = d
  knownTexts[slot] = text
  return text
}

const sextetAt = (text: string, i: number): number => {
  const code = text.charCodeAt(i)
  return code < 128 ? sextets[code]! : -1
}

/** Writes the 16 bytes of `uuid` at `at`, which must have room; false when the text is not an id. */
export const writeUuid = (uuid: string, bytes: Uint8Array, at: number): boolean => {
  if (uuid.length !== 22) return false
  let bits = 0
  let bitCount = 0
  let target = at
  for (let i = 0; i < 22; i++) {
    const sextet = sextetAt(uuid, i)
    if (sextet < 0) return false
    bits = ((bits << 6) | sextet) & 0x3fff
    bitCount += 6
    if (bitCount >= 8) {
      bitCount -= 8
      bytes[target++] = bits >> bitCount
    }
  }
  return true
}

const fromBytes = (bytes: Uint8Array, at = 0): Uuid => readUuid(bytes, at)

const toBytes = (uuid: Uuid): Uint8Array => {
  const bytes = new Uint8Array(16)
  writeUuid(uuid, bytes, 0)
  return bytes
}

const parse = (text: string): Uuid | undefined => {
  const unpadded = text.length === 24 && text.endsWith("==") ? text.slice(0, 22) : text
  const bytes = new Uint8Array(16)
  return writeUuid(unpadded, bytes, 0) ? toText(bytes, 0) : undefined
}

/** Constants and conversions of {@link Uuid}. */
export const Uuid = {
  /** "No id": all bits zero. */
  zero: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid,
  /** Kafka's `Uuid.ONE_UUID`, the id of the metadata topic. */
  one: "AAAAAAAAAAAAAAAAAAAAAQ" as Uuid,
  /** The id in the 16 bytes from `at` (default 0), which must be there. */
  fromBytes,
  /** The 16 bytes of an id. */
  toBytes,
  /** The id in text form, padded with `==` or not; undefined when it is not one. */
  parse
}
