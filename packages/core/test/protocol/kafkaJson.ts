import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** A field in Kafka's message definitions. */
export interface JsonField {
  readonly name: string
  readonly type: string
  readonly versions?: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number | string
  readonly default?: unknown
  readonly fields?: ReadonlyArray<JsonField>
}

/** A file of Kafka's message definitions. */
export interface JsonMessage {
  readonly name: string
  readonly type: string
  readonly apiKey?: number
  readonly validVersions: string
  readonly flexibleVersions: string
  readonly fields?: ReadonlyArray<JsonField>
  readonly commonStructs?: ReadonlyArray<JsonField>
}

/** The folder of Kafka's message definitions (its clients/src/main/resources/common or a copy), when there is one. */
const kafkaJsonFolder = process.env["KAFKA_MESSAGE_JSON_DIR"] ??
  fileURLToPath(new URL("../../../../../shared/facts/kafka-protocol", import.meta.url))

/** All definitions below the folder, by name; empty when the folder is absent. */
export const readKafkaJson = (): ReadonlyMap<string, JsonMessage> => {
  const messages = new Map<string, JsonMessage>()
  if (!existsSync(kafkaJsonFolder)) return messages
  for (const entry of readdirSync(kafkaJsonFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".json")) continue
    const text = readFileSync(join(entry.parentPath, entry.name), "utf8").replace(/^\s*\/\/.*$/gm, "")
    const message = JSON.parse(text) as JsonMessage
    if (typeof message.validVersions === "string") messages.set(message.name, message)
  }
  return messages
}
