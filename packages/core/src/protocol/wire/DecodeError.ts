/**
 * Bytes that are not what the protocol says they must be: too short, a bad length, too many elements.
 *
 * The only error that decoding throws. A connection that meets it is closed; Kafka does the same.
 */
export class DecodeError extends Error {
  override readonly name = "DecodeError"
}

/** Throws a {@link DecodeError}; a function of its own, so that its callers stay small enough to be inlined. */
export const failDecode = (message: string): never => {
  throw new DecodeError(message)
}
