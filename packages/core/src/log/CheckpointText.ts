/** Kafka's checkpoint files: line `0` (version), line with the number of entries, one per entry. Source: CheckpointFile. */

const VERSION = "0"

/** The text of a checkpoint with these entry lines. */
export const formatCheckpoint = (lines: ReadonlyArray<string>): string =>
  `${VERSION}\n${lines.length}\n${lines.map((line) => `${line}\n`).join("")}`

/** The entry lines of a checkpoint; undefined when the version is unknown or the count is not that of the lines. */
export const parseCheckpoint = (text: string): ReadonlyArray<string> | undefined => {
  const lines = text.split("\n")
  if (lines.at(-1) === "") lines.pop()
  if (lines[0] !== VERSION || lines.length < 2) return undefined
  const entries = lines.slice(2)
  return lines[1] === String(entries.length) ? entries : undefined
}
