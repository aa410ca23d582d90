import { isBrokerConfigName } from "@kafka-broker/core"
import type { StartOptions } from "./StartOptions.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says: our own options, and Kafka's keys. */
export interface BrokerEnvironment {
  readonly options: StartOptions
  readonly properties: ReadonlyMap<string, string>
}

/** A variable of ours holds something else than a number. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError"
}

const own = new Set([
  "KAFKA_BROKER_HOST",
  "KAFKA_BROKER_PORT",
  "KAFKA_BROKER_ADVERTISED_HOST",
  "KAFKA_BROKER_ADVERTISED_PORT",
  "KAFKA_BROKER_DATA_DIR",
  "KAFKA_BROKER_NODE_ID",
  "KAFKA_BROKER_MEMORY",
  "KAFKA_BROKER_CONFIG"
])

/** `KAFKA_LOG_RETENTION_MS` as `log.retention.ms`; `__` is an underscore and `___` a dash, as in Kafka's own image. */
const keyOf = (variable: string): string =>
  variable.slice("KAFKA_".length).toLowerCase().replace(
    /___|__|_/g,
    (run) => run.length === 3 ? "-" : run.length === 2 ? "_" : "."
  )

const number = (environment: Environment, name: string): number | undefined => {
  const text = environment[name]
  if (text === undefined || text === "") return undefined
  if (!/^\d+$/.test(text)) throw new EnvironmentError(`${name} must be a number, but it is '${text}'`)
  return Number(text)
}

/**
 * Reads `KAFKA_BROKER_HOST`, `_PORT`, `_ADVERTISED_HOST`, `_ADVERTISED_PORT`, `_DATA_DIR`, `_NODE_ID`, `_MEMORY`
 * (`true`) and `_CONFIG`, and every other `KAFKA_…` variable that names a broker setting. Throws `EnvironmentError`.
 */
export const readBrokerEnvironment = (environment: Environment): BrokerEnvironment => {
  const text = (name: string): string | undefined => environment[name] === "" ? undefined : environment[name]
  const properties = new Map<string, string>()
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("KAFKA_") || own.has(name) || value === undefined) continue
    const key = keyOf(name)
    if (isBrokerConfigName(key)) properties.set(key, value)
  }
  const options: Record<string, unknown> = {
    host: text("KAFKA_BROKER_HOST"),
    port: number(environment, "KAFKA_BROKER_PORT"),
    advertisedHost: text("KAFKA_BROKER_ADVERTISED_HOST"),
    advertisedPort: number(environment, "KAFKA_BROKER_ADVERTISED_PORT"),
    dataDirectory: text("KAFKA_BROKER_DATA_DIR"),
    nodeId: number(environment, "KAFKA_BROKER_NODE_ID"),
    memory: text("KAFKA_BROKER_MEMORY")?.toLowerCase() === "true" ? true : undefined,
    configFile: text("KAFKA_BROKER_CONFIG")
  }
  return { options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)), properties }
}
