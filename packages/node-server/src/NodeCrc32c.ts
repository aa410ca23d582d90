import { crc32cImplementation, useCrc32c } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import { loadNativeCrc32c } from "./loadNativeCrc32c.ts"

/** Milliseconds after the start, so that the first clients do not wait for it. */
const LOAD_DELAY_MS = 100

/**
 * Looks for a native CRC-32C and installs it if it passes the self test; see `crc32cImplementation`. The implementation
 * is one per process, so it stays when a broker stops. Never fails.
 */
const install = Effect.gen(function*() {
  const native = yield* Effect.promise(loadNativeCrc32c)
  if (native !== undefined) useCrc32c(native)
  yield* Effect.logDebug(`CRC-32C: ${crc32cImplementation()}`)
})

export const NodeCrc32c = {
  install,
  /** Installs it in the background, soon after the start. */
  layer: Layer.effectDiscard(Effect.forkScoped(Effect.delay(install, LOAD_DELAY_MS)))
}
