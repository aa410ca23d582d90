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

const portMax = 65_535

/** Parses addresses such as `PLAINTEXT://127.0.0.1:9092`. Source: SocketServerConfigs.listenerListToEndPoints. */
export const parseListeners = (
  key: string,
  texts: ReadonlyArray<string>
): Result.Result<ReadonlyArray<ListenerAddress>, string> => {
  const addresses: Array<ListenerAddress> = []
  for (const text of texts) {
    const match = form.exec(text)
    const port = Number(match?.[3])
    if (match === null || match[1] === "") {
      return Result.fail(`Unable to parse ${text} in ${key} to a broker endpoint of the form name://host:port`)
    }
    if (port < 0 || port > portMax) {
      return Result.fail(`${key}: the port of ${text} is not between 0 and ${portMax}`)
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

const isIpv4 = (host: string): boolean => /^\d+(\.\d+){3}$/.test(host)
const isIpv6 = (host: string): boolean => host.includes(":")

/**
 * Kafka's sentence when two listeners want one port, those of the controller included. An IPv4 address and an IPv6
 * address may share one (KIP-797). Source: AbstractKafkaConfig.listenerListToEndPoints.
 */
export const sharedPort = (
  addresses: ReadonlyArray<ListenerAddress>,
  texts: ReadonlyArray<string>
): string | undefined => {
  const listeners = `listeners: ${texts.join(",")}`
  for (const { port } of addresses) {
    const same = port === 0 ? [] : addresses.filter((address) => address.port === port).map(({ host }) => host)
    if (same.length < 2) continue
    const named = same.filter((host) => !isIpv4(host) && !isIpv6(host))
    if (named.length > 1) return `Each listener must have a different port, ${listeners}`
    if (same.length > 2) {
      return "Each listener must have a different port unless exactly one listener has an IPv4 address and the other " +
        `IPv6 address, ${listeners}, port: ${port}`
    }
    if (same.filter(isIpv4).length !== 1 || same.filter(isIpv6).length !== 1) {
      return "If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, " +
        `${listeners}, port: ${port}`
    }
  }
  return undefined
}

/** `a:b,c:d` as a map. Source: SocketServerConfigs, ConfigUtils.parseMap. */
export const parseProtocolMap = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(",").map((entry) => entry.trim()).filter((entry) => entry.includes(":")).map((entry) => {
      const at = entry.lastIndexOf(":")
      return [entry.slice(0, at).trim().toUpperCase(), entry.slice(at + 1).trim().toUpperCase()] as const
    })
  )
