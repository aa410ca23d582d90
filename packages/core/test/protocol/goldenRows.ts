import { readFileSync } from "node:fs"

/** One message as Kafka's Java library encodes it; see fixtures/golden/README.md. */
export interface Row {
  readonly message: string
  readonly version: number
  readonly bytes: string
  readonly json: unknown
}

/** All golden messages. */
export const goldenRows: ReadonlyArray<Row> = readFileSync(
  new URL("../fixtures/golden/messages.jsonl", import.meta.url),
  "utf8"
)
  .split("\n")
  .filter((line) => line.length > 0)
  .map((line) => JSON.parse(line) as Row)
