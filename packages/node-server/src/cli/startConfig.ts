import * as Fs from "node:fs"
import { EnvironmentError, readBrokerEnvironment } from "../BrokerEnvironment.ts"
import { parseServerProperties } from "../ServerProperties.ts"
import { startProperties } from "../StartOptions.ts"
import type { StartOptions } from "../StartOptions.ts"
import { UsageError } from "./UsageError.ts"

/** What a start needs: Kafka's properties, complete, and whether anything goes to disk. */
export interface StartConfig {
  readonly properties: ReadonlyMap<string, string>
  readonly memory: boolean
  /** Variables of the environment that look like settings and are none. */
  readonly ignoredVariables: ReadonlyArray<string>
}

const portMax = 65_535

/** The numbers under the names that the user gave them; `node.id` is checked with Kafka's settings. */
const checkPorts = (options: StartOptions, nameOf: (option: "port" | "advertisedPort") => string): void => {
  for (const option of ["port", "advertisedPort"] as const) {
    const port = options[option]
    if (port !== undefined && (port < 0 || port > portMax)) {
      throw new UsageError(`${nameOf(option)} must be between 0 and ${portMax}, but it is ${port}`)
    }
  }
}

const readProperties = (path: string): ReadonlyMap<string, string> => {
  try {
    return parseServerProperties(Fs.readFileSync(path, "utf8"))
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** `key=value` texts as a map. Throws `UsageError`. */
export const parseSettings = (texts: ReadonlyArray<string>): ReadonlyMap<string, string> =>
  new Map(texts.map((text) => {
    const at = text.indexOf("=")
    if (at <= 0) throw new UsageError(`--set ${text}: expected key=value`)
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()] as const
  }))

/** Flags over environment over file over defaults. Throws `UsageError`. */
export const startConfig = (
  flags: StartOptions,
  environment: Readonly<Record<string, string | undefined>>
): StartConfig => {
  try {
    checkPorts(flags, (option) => option === "port" ? "--port" : "--advertised-port")
    const { ignored, options, properties } = readBrokerEnvironment(environment)
    checkPorts(options, (option) => option === "port" ? "KAFKA_BROKER_PORT" : "KAFKA_BROKER_ADVERTISED_PORT")
    const all: StartOptions = { ...options, ...flags }
    const file = all.configFile === undefined ? [] : readProperties(all.configFile)
    const base = new Map([...file, ...properties])
    return {
      properties: startProperties(base, all),
      memory: all.memory ?? false,
      ignoredVariables: ignored
    }
  } catch (cause) {
    throw cause instanceof EnvironmentError ? new UsageError(cause.message) : cause
  }
}
