/** What a start is told by flags or by variables of ours, before Kafka's own keys. */
export interface StartOptions {
  readonly host?: string
  readonly port?: number
  readonly advertisedHost?: string
  readonly advertisedPort?: number
  readonly dataDir?: string
  readonly nodeId?: number
  /** Nothing is written to disk. */
  readonly memory?: boolean
  /** A `server.properties`. */
  readonly configFile?: string
  /** Kafka's keys given one by one; they win over those of the file and of the environment. */
  readonly settings?: ReadonlyMap<string, string>
}

const hostText = (host: string): string => host.includes(":") ? `[${host}]` : host

const addressForm = /^(.*):\/\/\[?([^\]]*?)\]?:(-?\d+)$/

/** The first listener that is not the controller's. */
const firstClientListener = (properties: ReadonlyMap<string, string>): readonly [string, string, string] => {
  const controllers = (properties.get("controller.listener.names") ?? "CONTROLLER").toUpperCase().split(/\s*,\s*/)
  for (const text of (properties.get("listeners") ?? "").split(/\s*,\s*/)) {
    const match = addressForm.exec(text.trim())
    if (match !== null && !controllers.includes(match[1]!.toUpperCase())) return [match[1]!, match[2]!, match[3]!]
  }
  return ["PLAINTEXT", "127.0.0.1", "9092"]
}

/** Kafka's properties with the options on top; the result is all that `BrokerConfig` needs. */
export const startProperties = (
  base: ReadonlyMap<string, string>,
  options: StartOptions
): ReadonlyMap<string, string> => {
  const properties = new Map([...base, ...(options.settings ?? [])])
  if (options.nodeId !== undefined) {
    properties.set("node.id", String(options.nodeId))
    properties.delete("broker.id")
  }
  if (options.dataDir !== undefined) properties.set("log.dirs", options.dataDir)
  const [name, host, port] = firstClientListener(properties)
  if (options.host !== undefined || options.port !== undefined) {
    properties.set("listeners", `${name}://${hostText(options.host ?? host)}:${options.port ?? port}`)
    properties.delete("advertised.listeners")
  }
  if (options.advertisedHost !== undefined || options.advertisedPort !== undefined) {
    const told = hostText(options.advertisedHost ?? options.host ?? host)
    properties.set("advertised.listeners", `${name}://${told}:${options.advertisedPort ?? options.port ?? port}`)
  }
  return properties
}
