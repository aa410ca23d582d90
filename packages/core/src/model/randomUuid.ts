import { Effect, Random } from "effect"
import { Uuid } from "./Uuid.ts"

/** 16 random bytes with the marks of version 4, variant 2 (RFC 9562). */
export const randomUuidBytes = (random: typeof Random.Random.Service): Uint8Array => {
  const bytes = new Uint8Array(16)
  for (let i = 0; i < 16; i++) bytes[i] = Math.floor(random.nextDoubleUnsafe() * 256)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

/**
 * A new random id that is none of Kafka's reserved ones, which all begin with zeros, and, as command lines would take it
 * for an option, does not begin with `-`. Source: Uuid.randomUuid.
 */
export const randomUuid: Effect.Effect<Uuid> = Effect.map(Random.Random, (random) => {
  while (true) {
    const id = Uuid.fromBytes(randomUuidBytes(random))
    if (!id.startsWith("-")) return id
  }
})
