import { Effect, Schema } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** A directory that a broker must not or cannot write into; the message is one line that says what to do. */
export class DataDirectoryError extends Schema.TaggedError<DataDirectoryError>()("DataDirectoryError", {
  reason: Schema.Literals(["NotADirectory", "NotKafkaData", "NotWritable", "Unreadable"]),
  message: Schema.String
}) {}

/** What a directory may hold before it is formatted: file systems and interrupted starts leave these. */
const harmless = new Set(["lost+found", ".lock", "meta.properties.tmp", ".DS_Store"])

/** Files that every start opens. */
const ownFiles = [".lock", "meta.properties"]

const failure = (reason: DataDirectoryError["reason"], message: string) =>
  new DataDirectoryError({ reason, message: `log.dirs: ${message}; choose another directory or mend this one` })

const user = (): string => process.getuid === undefined ? "this user" : `user ${process.getuid()}`

const whyNot = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${user()} has no permission`
    case "EROFS":
      return "the file system is read-only"
    case "ELOOP":
      return "its symbolic links go round in a circle"
    default:
      return message
  }
}

const entriesOf = (directory: string): ReadonlyArray<string> | undefined => {
  try {
    return Fs.readdirSync(directory)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === "ENOENT") return undefined
    throw code === "ENOTDIR"
      ? failure("NotADirectory", `${directory} is not a directory`)
      : failure("Unreadable", `${directory} cannot be read: ${whyNot(cause)}`)
  }
}

/** Throws when a path cannot be used in the ways that `mode` says. */
const checkAccess = (path: string, mode: number, what: string): void => {
  try {
    Fs.accessSync(path, mode)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return
    throw failure("NotWritable", `${what}: ${whyNot(cause)}`)
  }
}

const { R_OK, W_OK, X_OK } = Fs.constants

/** The first directory above a path that exists. */
const nearestAbove = (path: string): string => {
  const parent = Path.dirname(path)
  return parent === path || Fs.existsSync(parent) ? parent : nearestAbove(parent)
}

/**
 * Succeeds for a directory that holds Kafka data, and for one that is missing or empty and so may be formatted, when this
 * user can write there. Changes nothing.
 */
export const checkDataDirectory = (directory: string): Effect.Effect<void, DataDirectoryError> =>
  Effect.try({
    try: () => {
      const entries = entriesOf(directory)
      if (entries === undefined) {
        return checkAccess(nearestAbove(directory), W_OK | X_OK, `${directory} cannot be made`)
      }
      checkAccess(directory, R_OK | W_OK | X_OK, `${directory} cannot be written`)
      for (const name of ownFiles) {
        const path = Path.join(directory, name)
        checkAccess(path, R_OK | W_OK, `${path} cannot be written`)
      }
      if (entries.includes("meta.properties")) return
      const foreign = entries.find((name) => !harmless.has(name))
      if (foreign === undefined) return
      throw failure(
        "NotKafkaData",
        `${directory} is not a Kafka data directory: it holds ${foreign} but no meta.properties`
      )
    },
    catch: (error) => error as DataDirectoryError
  })
