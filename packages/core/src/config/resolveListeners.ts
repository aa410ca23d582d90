import { Result } from "effect"
import { parseListeners, parseProtocolMap, sharedPort } from "./ListenerAddress.ts"
import type { ListenerAddress } from "./ListenerAddress.ts"

/** An address the broker listens on, and the one its clients are told. */
export interface BrokerListener {
  readonly name: string
  /** Empty: every interface, of IPv6 and IPv4; `0.0.0.0`: every interface of IPv4. */
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
  /** What `advertised.listeners` says of it, or null. Clients are told the outcome of {@link dialableAddress}. */
  readonly advertised: { readonly host: string; readonly port: number } | null
}

type Address = Pick<ListenerAddress, "host" | "port">

/** Whether a host means every interface, in any of its spellings: `0.0.0.0`, `::`, `0:0:0:0:0:0:0:0`, or nothing at all. */
const isUnspecified = (host: string): boolean => /^[0:.]*$/.test(host)

/**
 * The address a client is told. A host that means every interface becomes the one by which the client reached the
 * broker, where Kafka takes the name of the machine; port 0 becomes the port that the system gave.
 * Source: ListenerInfo.withWildcardHostnamesResolved, withEphemeralPortsCorrected.
 */
export const dialableAddress = (listener: BrokerListener, bound: Address, localAddress: string): Address => {
  const { host, port } = listener.advertised ?? bound
  return { host: isUnspecified(host) ? localAddress : host, port: port === 0 ? bound.port : port }
}

interface ListenerSettings {
  readonly listeners: ReadonlyArray<string>
  readonly advertised: ReadonlyArray<string>
  readonly controllerNames: ReadonlyArray<string>
  readonly protocolMap: string
}

const everyInterface = "0.0.0.0"

const checkAdvertised = (
  clients: ReadonlyArray<ListenerAddress>,
  advertised: ReadonlyArray<ListenerAddress>
): string | undefined => {
  for (const { name, host } of advertised) {
    if (!clients.some((listener) => listener.name === name)) {
      return "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. " +
        `Found ${name}, which listeners does not have`
    }
    if (host === everyInterface) {
      return `advertised.listeners cannot use the nonroutable meta-address ${everyInterface}. ` +
        "Use a routable IP address."
    }
  }
  return undefined
}

/**
 * The client listeners with their advertised addresses. Listeners named in `controller.listener.names` are left out:
 * the controller is in this process. Source: AbstractKafkaConfig.effectiveAdvertisedBrokerListeners.
 */
export const resolveListeners = (
  settings: ListenerSettings
): Result.Result<ReadonlyArray<BrokerListener>, string> =>
  Result.gen(function*() {
    const all = yield* parseListeners("listeners", settings.listeners)
    const shared = sharedPort(all, settings.listeners)
    if (shared !== undefined) return yield* Result.fail(shared)
    const controllers = new Set(settings.controllerNames.map((name) => name.toUpperCase()))
    const clients = all.filter(({ name }) => !controllers.has(name))
    if (clients.length === 0) return yield* Result.fail("listeners must have at least one listener for clients")
    const protocols = parseProtocolMap(settings.protocolMap)
    for (const { name } of clients) {
      const protocol = protocols.get(name)
      if (protocol === undefined) {
        return yield* Result.fail(`No security protocol defined for listener ${name}`)
      }
      if (protocol !== "PLAINTEXT") {
        return yield* Result.fail(`Listener ${name} has security protocol ${protocol}; this broker offers PLAINTEXT`)
      }
    }
    const advertised = (yield* parseListeners("advertised.listeners", settings.advertised)).filter(({ name }) =>
      !controllers.has(name)
    )
    const problem = checkAdvertised(clients, advertised)
    if (problem !== undefined) return yield* Result.fail(problem)
    return clients.map(({ name, host, port }) => {
      const told = advertised.find((address) => address.name === name)
      return {
        name,
        host,
        port,
        advertised: told === undefined ? null : { host: told.host, port: told.port }
      }
    })
  })
