import type { SettingsInput } from "@kafka-broker/core"
import { closestName, propertiesOf } from "@kafka-broker/core/tools"
import { Result } from "effect"
import { startProperties } from "./StartOptions.ts"

/** How a broker is started from a program: what nearly every program sets, and Kafka's settings for the rest. */
export interface BrokerOptions {
  /** Port to listen on; 0 takes a free one. Default: 9092. */
  readonly port?: number
  /** Address to listen on; empty for every interface. Default: `127.0.0.1`. */
  readonly host?: string
  /** Address and port that clients are told to connect to. Default: those they reached the broker by. */
  readonly advertisedHost?: string
  readonly advertisedPort?: number
  /** Directory of the data, formatted when it is empty or missing. Default: `./data`. */
  readonly dataDir?: string
  /** Keep everything in memory and write nothing to disk. Default: false. */
  readonly memory?: boolean
  /** Default: 1. */
  readonly nodeId?: number
  /** Whether a client that names a missing topic creates it. Default: true, as Kafka's. */
  readonly autoCreateTopics?: boolean
  /** Partitions of a topic created without a partition count. Default: 1. */
  readonly numPartitions?: number
  /** Kafka's broker settings by name, for example `{ "message.max.bytes": 2_000_000 }`; the options above win. */
  readonly settings?: SettingsInput | ReadonlyMap<string, string>
}

const types = {
  port: "number",
  host: "string",
  advertisedHost: "string",
  advertisedPort: "number",
  dataDir: "string",
  memory: "boolean",
  nodeId: "number",
  autoCreateTopics: "boolean",
  numPartitions: "number",
  settings: "object"
} as const satisfies { readonly [Name in keyof Required<BrokerOptions>]: string }

/** Options of `NodeKafkaBroker` that are no values. */
const others: ReadonlyArray<string> = ["files", "authorizer", "observer", "clientPrincipal"]

const problemWith = (options: object): string | undefined => {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || others.includes(name)) continue
    const type = Object.hasOwn(types, name) ? types[name as keyof typeof types] : undefined
    if (type === undefined) {
      const meant = closestName(name, [...Object.keys(types), ...others])
      return `There is no option ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}`
    }
    if (typeof value !== type || value === null) {
      return `The option ${name} must be of type ${type}, but it is ${
        value === null ? "null" : `of type ${typeof value}`
      }`
    }
    if ((name === "port" || name === "advertisedPort") && !(Number.isInteger(value) && value >= 0 && value <= 65_535)) {
      return `The option ${name} must be between 0 and 65535, but it is ${value}`
    }
  }
  return undefined
}

/** Kafka's settings as the options make them, or one line about an option that does not exist or has a wrong type. */
export const propertiesOfOptions = (options: BrokerOptions): Result.Result<ReadonlyMap<string, string>, string> => {
  if (typeof options !== "object" || options === null) return Result.fail("Options must be given as an object")
  const problem = problemWith(options)
  if (problem !== undefined) return Result.fail(problem)
  const { autoCreateTopics, numPartitions, settings = {}, ...start } = options
  return Result.map(propertiesOf(settings), (base) => {
    const properties = new Map(base)
    if (autoCreateTopics !== undefined) properties.set("auto.create.topics.enable", String(autoCreateTopics))
    if (numPartitions !== undefined) properties.set("num.partitions", String(numPartitions))
    return startProperties(properties, start)
  })
}
