/**
 * Why compressed bytes could not be turned into records (or back): `tooLarge` the output would pass the caller's cap,
 * `corrupt` the bytes are not of the codec's format, `unsupported` no such codec.
 */
export type CompressionErrorReason = "tooLarge" | "corrupt" | "unsupported"

/** The only error codecs throw, whatever bytes they are given. */
export class CompressionError extends Error {
  readonly _tag = "CompressionError"
  readonly reason: CompressionErrorReason

  constructor(reason: CompressionErrorReason, message: string) {
    super(message)
    this.name = "CompressionError"
    this.reason = reason
  }
}
