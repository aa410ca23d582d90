import { Effect, Schema } from "effect"
import * as Fs from "node:fs"

/** A directory that a broker must not write into. */
export class DataDirectoryError extends Schema.TaggedError<DataDirectoryError>()("DataDirectoryError", {
  reason: Schema.Literals(["NotADirectory", "NotKafkaData", "Unreadable"]),
  message: Schema.String
}) {}

/** What a directory may hold before it is formatted: file systems and interrupted starts leave these. */
const harmless = new Set(["lost+found", ".lock", "meta.properties.tmp", ".DS_Store"])

const entriesOf = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === "ENOENT") return []
    throw code === "ENOTDIR"
      ? new DataDirectoryError({ reason: "NotADirectory", message: `${directory} is not a directory` })
      : new DataDirectoryError({ reason: "Unreadable", message })
  }
}

/**
 * Succeeds for a directory that holds Kafka data, and for one that is missing or empty and so may be formatted. Changes
 * nothing.
 */
export const checkDataDirectory = (directory: string): Effect.Effect<void, DataDirectoryError> =>
  Effect.try({
    try: () => {
      const entries = entriesOf(directory)
      if (entries.includes("meta.properties")) return
      const foreign = entries.find((name) => !harmless.has(name))
      if (foreign === undefined) return
      throw new DataDirectoryError({
        reason: "NotKafkaData",
        message: `${directory} is not a Kafka data directory: it holds ${foreign} but no meta.properties`
      })
    },
    catch: (error) => error as DataDirectoryError
  })
