import { CompressionError } from "../../../src/protocol/records/Compression.ts"

/** The reason of the `CompressionError` that `run` throws, or "no error"; every other error passes through. */
export const reasonOf = (run: () => unknown): string => {
  try {
    run()
  } catch (cause) {
    if (cause instanceof CompressionError) return cause.reason
    throw cause
  }
  return "no error"
}
