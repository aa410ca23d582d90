import { Effect, Random } from "effect"
import { Uuid } from "../model/Uuid.ts"

/**
 * A new random id that is none of Kafka's reserved ones and, as command lines would take it for an option, does not
 * begin with `-`. Source: Uuid.randomUuid.
 */
export const randomUuid: Effect.Effect<Uuid> = Effect.gen(function*() {
  const random = yield* Random.Random
  const bytes = new Uint8Array(16)
  while (true) {
    for (let i = 0; i < 16; i++) bytes[i] = Math.floor(random.nextDoubleUnsafe() * 256)
    // Version 4, variant 2 (RFC 9562): so it can be none of the reserved ids, which all begin with zeros.
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const id = Uuid.fromBytes(bytes)
    if (!id.startsWith("-")) return id
  }
})
