/** The command line, the environment or a file says something that cannot be done; the message is one line. */
export class UsageError extends Error {
  readonly _tag = "UsageError"
}
