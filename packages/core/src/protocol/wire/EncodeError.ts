/**
 * A value that the wanted version cannot carry: null where the version has no null, a string above 32767 bytes.
 *
 * The only error that encoding throws; always a mistake of the program, never of the peer.
 */
export class EncodeError extends Error {
  override readonly name = "EncodeError"
}

/** Throws an {@link EncodeError}. */
export const failEncode = (message: string): never => {
  throw new EncodeError(message)
}
