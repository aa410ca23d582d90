import type { Random } from "effect"
import { randomUuidBytes } from "../../model/randomUuid.ts"

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** A random UUID in Java's text form, the random part of a new member id. Source: java.util.UUID.randomUUID. */
export const freshUuid = (random: typeof Random.Random.Service): string => {
  const digits = Array.from(randomUuidBytes(random), (byte) => hex[byte]!).join("")
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, end]) => digits.slice(from, end)).join("-")
}
