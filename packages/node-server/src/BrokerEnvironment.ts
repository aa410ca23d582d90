import { closestName, isBrokerConfigName } from "@kafka-broker/core/tools"
import type { StartOptions } from "./StartOptions.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says: our own options, and Kafka's keys. */
export interface BrokerEnvironment {
  readonly options: StartOptions
  readonly properties: ReadonlyMap<string, string>
  /** Names that begin with `KAFKA_` and mean nothing here. */
  readonly ignored: ReadonlyArray<string>
}

/** A variable of ours does not exist or holds what it cannot mean; the message is one line. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError"
}

interface OwnVariable {
  readonly option: keyof StartOptions
  readonly kind: "text" | "number" | "boolean"
  /** One phrase, for the help and the documentation. */
  readonly description: string
}

/** The variables that are not settings of Kafka, by name. */
export const ownVariables = {
  KAFKA_BROKER_HOST: { option: "host", kind: "text", description: "Address to listen on (default 127.0.0.1)" },
  KAFKA_BROKER_PORT: {
    option: "port",
    kind: "number",
    description: "Port to listen on (default 9092; 0 takes a free one)"
  },
  KAFKA_BROKER_ADVERTISED_HOST: {
    option: "advertisedHost",
    kind: "text",
    description: "Address clients are told to connect to"
  },
  KAFKA_BROKER_ADVERTISED_PORT: {
    option: "advertisedPort",
    kind: "number",
    description: "Port clients are told to connect to"
  },
  KAFKA_BROKER_DATA_DIR: {
    option: "dataDir",
    kind: "text",
    description: "Directory of the data (default ./data), formatted when it is empty"
  },
  KAFKA_BROKER_NODE_ID: { option: "nodeId", kind: "number", description: "Id of this node (default 1)" },
  KAFKA_BROKER_MEMORY: { option: "memory", kind: "boolean", description: "Keep everything in memory" },
  KAFKA_BROKER_CONFIG: { option: "configFile", kind: "text", description: "A Kafka server.properties" }
} as const satisfies Readonly<Record<string, OwnVariable>>

const ownPrefix = "KAFKA_BROKER_"

const isOwn = (name: string): name is keyof typeof ownVariables => Object.hasOwn(ownVariables, name)

/** `KAFKA_LOG_RETENTION_MS` as `log.retention.ms`; `__` is an underscore and `___` a dash, as in Kafka's own image. */
const keyOf = (variable: string): string =>
  variable.slice("KAFKA_".length).toLowerCase().replace(
    /___|__|_/g,
    (run) => run.length === 3 ? "-" : run.length === 2 ? "_" : "."
  )

/** The setting that a variable names; those of this broker alone also without the second `KAFKA_`. */
const settingOf = (variable: string): string | undefined => {
  const key = keyOf(variable)
  return [key, `kafka.${key}`].find(isBrokerConfigName)
}

/** Kubernetes tells a container of each service; one with the name `kafka` or `kafka-broker` looks like a setting. */
const isServiceLink = (name: string, value: string): boolean =>
  /^KAFKA(_BROKER)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/.test(name) ||
  (/^KAFKA(_BROKER)?_PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value))

const booleans = new Map([
  ...["1", "true", "yes", "on"].map((text) => [text, true] as const),
  ...["0", "false", "no", "off"].map((text) => [text, false] as const)
])

const parse = (name: keyof typeof ownVariables, text: string): string | number | boolean => {
  switch (ownVariables[name].kind) {
    case "text":
      return text
    case "number": {
      if (!/^\d+$/.test(text)) throw new EnvironmentError(`${name} must be a number, but it is '${text}'`)
      return Number(text)
    }
    case "boolean": {
      const value = booleans.get(text.toLowerCase())
      if (value === undefined) {
        throw new EnvironmentError(`${name} must be one of ${[...booleans.keys()].join(", ")}, but it is '${text}'`)
      }
      return value
    }
  }
}

const unknown = (name: string): EnvironmentError => {
  const meant = closestName(name, Object.keys(ownVariables))
  return new EnvironmentError(
    meant === undefined
      ? `${name} is no variable of kafka-broker; it has ${Object.keys(ownVariables).join(", ")}, and Kafka's settings`
      : `${name} is no variable of kafka-broker; did you mean ${meant}?`
  )
}

/**
 * Reads {@link ownVariables} and every other `KAFKA_…` variable that names a broker setting. An empty variable counts as
 * not given. Throws `EnvironmentError` for an unknown `KAFKA_BROKER_…` and for a value that cannot be read.
 */
export const readBrokerEnvironment = (environment: Environment): BrokerEnvironment => {
  const options: Record<string, unknown> = {}
  const properties = new Map<string, string>()
  const ignored: Array<string> = []
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("KAFKA_") || value === undefined || value === "" || isServiceLink(name, value)) continue
    if (isOwn(name)) {
      options[ownVariables[name].option] = parse(name, value)
      continue
    }
    const key = settingOf(name)
    if (key !== undefined) properties.set(key, value)
    else if (name.startsWith(ownPrefix)) throw unknown(name)
    else ignored.push(name)
  }
  return { options, properties, ignored }
}
