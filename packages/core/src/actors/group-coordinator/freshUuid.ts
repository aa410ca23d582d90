import type { Random } from "effect"

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** A random UUID in Java's text form, the random part of a new member id. Source: java.util.UUID.randomUUID. */
export const freshUuid = (random: typeof Random.Random.Service): string => {
  let text = ""
  for (let i = 0; i < 16; i++) {
    let byte = Math.floor(random.nextDoubleUnsafe() * 256)
    // Version 4, variant 2 (RFC 9562).
    if (i === 6) byte = (byte & 0x0f) | 0x40
    if (i === 8) byte = (byte & 0x3f) | 0x80
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-"
    text += hex[byte]!
  }
  return text
}
