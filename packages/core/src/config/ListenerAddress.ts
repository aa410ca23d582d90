import { Result } from "effect"

/** One entry of `listeners` or `advertised.listeners`. */
export interface ListenerAddress {
  /** In upper case, as Kafka normalises it. */
  readonly name: string
  /** Empty: every interface. */
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
}

const form = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/

/** Parses addresses such as `PLAINTEXT://127.0.0.1:9092`. Source: SocketServerConfigs.listenerListToEndPoints. */
export const parseListeners = (
  key: string,
  texts: ReadonlyArray<string>
): Result.Result<ReadonlyArray<ListenerAddress>, string> => {
  const addresses: Array<ListenerAddress> = []
  for (const text of texts) {
    const match = form.exec(text)
    const port = Number(match?.[3])
    if (match === null || match[1] === "" || port < 0 || port > 65535) {
      return Result.fail(`Unable to parse ${text} in ${key} to a broker endpoint of the form name://host:port`)
    }
    addresses.push({ name: match[1]!.toUpperCase(), host: match[2]!, port })
  }
  const names = new Set(addresses.map(({ name }) => name))
  if (names.size !== addresses.length) {
    return Result.fail(
      `Each listener must have a different name unless you have exactly one listener: ${key}=${texts.join(",")}`
    )
  }
  return Result.succeed(addresses)
}

/** `a:b,c:d` as a map. Source: SocketServerConfigs, ConfigUtils.parseMap. */
export const parseProtocolMap = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(",").map((entry) => entry.trim()).filter((entry) => entry.includes(":")).map((entry) => {
      const at = entry.lastIndexOf(":")
      return [entry.slice(0, at).trim().toUpperCase(), entry.slice(at + 1).trim().toUpperCase()] as const
    })
  )
