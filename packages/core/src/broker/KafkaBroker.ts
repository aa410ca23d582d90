import { Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import { type ConnectionActors, makeConnectionActors } from "../actors/connection/ConnectionActors.ts"
import { ConnectionLimits } from "../actors/connection/ConnectionLimits.ts"
import { ConnectionQuota } from "../actors/connection/ConnectionQuota.ts"
import type { HandlerRegistry } from "../actors/connection/HandlerRegistry.ts"
import { RequestMemory } from "../actors/connection/RequestMemory.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { Controller } from "../actors/controller/Controller.ts"
import { type BrokerClient, makeBrokerClient } from "../client/BrokerClient.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { type BrokerListener, dialableAddress } from "../config/resolveListeners.ts"
import { settingsInForce } from "../config/settingsInForce.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataLogError } from "../metadata/MetadataLog.ts"
import { Compression } from "../seams/Compression.ts"
import { makeInProcessConnection } from "../seams/InProcessConnection.ts"
import { type BoundListener, type ByteConnection, Listener, ListenError } from "../seams/Listener.ts"
import { Tick } from "../seams/Tick.ts"
import type { LogFiles } from "../seams/LogFiles.ts"
import type { Authorizer } from "../security/Authorizer.ts"
import { anonymous, brokerPrincipal, ClientPrincipal, type Principal } from "../security/Principal.ts"
import { type BrokerStartError, layerActors } from "./layerActors.ts"
import { makeHandlers } from "./makeHandlers.ts"
import { writeTransactionMarkers } from "./writeTransactionMarkers.ts"

/** A listener that accepts connections. */
export interface RunningListener {
  readonly name: string
  readonly host: string
  /** The real port, also when 0 was configured. */
  readonly port: number
}

/** How a connection inside this process appears to the broker. */
export interface ConnectOptions {
  /** As whom the authorizer knows it; the `ClientPrincipal` when left out. */
  readonly principal?: Principal
}

/** A running broker, as its host application sees it. */
export interface KafkaBrokerShape {
  /** Produces, consumes and administers inside this process, as the `ClientPrincipal`. */
  readonly client: BrokerClient
  /** A client of its own for another principal; it ends with the scope. */
  readonly clientAs: (principal: Principal) => Effect.Effect<BrokerClient, never, Scope.Scope>
  readonly nodeId: number
  readonly clusterId: string
  /** In the order of the configuration; at least one. */
  readonly listeners: ReadonlyArray<RunningListener>
  /** Address of the first listener. */
  readonly host: string
  readonly port: number
  /** A new connection inside this process, for any client that takes a socket of its own. */
  readonly connect: (options?: ConnectOptions) => ByteConnection
  /**
   * Fails once the metadata log cannot be written: records are served on, but topics, configs and producer ids cannot be
   * changed before a new start.
   */
  readonly failed: Effect.Effect<never, MetadataLogError>
  /** Open connections of all listeners, those inside this process included. */
  readonly connectionCount: () => number
}

const listenReasons: Readonly<Record<ListenError["reason"], string>> = {
  AddressInUse: "another program listens there; stop it or choose another port",
  AddressNotAvailable: "this machine does not have that address",
  PermissionDenied: "this user may not listen there; choose a port above 1023",
  Other: "the system refuses it"
}

/** The error with the setting that is to be changed. */
const namingSetting = (listener: BrokerListener) => (error: ListenError): ListenError => {
  const { host, port, reason } = error
  const address = `${listener.name}://${host.includes(":") ? `[${host}]` : host}:${port}`
  return new ListenError({
    host,
    port,
    reason,
    message: `listeners: ${address}: ${listenReasons[reason]} (${error.message})`
  })
}

/** Binds one listener; its connections are drained before it is gone. */
const startListener = Effect.fnUntraced(function*(
  listener: BrokerListener,
  registry: HandlerRegistry,
  quota: ConnectionQuota,
  memory: RequestMemory,
  opened: Array<ConnectionActors>
): Effect.fn.Return<
  { readonly running: RunningListener; readonly actors: ConnectionActors },
  ListenError,
  BrokerConfig | Listener | Tick | Scope.Scope
> {
  const config = yield* BrokerConfig
  const { listen } = yield* Listener
  let bound: BoundListener = { host: listener.host, port: listener.port }
  const actors = yield* makeConnectionActors({
    registry,
    nodeId: config.nodeId,
    listenerName: listener.name,
    advertised: (localAddress) => dialableAddress(listener, bound, localAddress),
    maxRequestBytes: config.socketRequestMaxBytes,
    memory,
    principal: anonymous,
    quota,
    maxIdleMs: config.connectionsMaxIdleMs
  })
  opened.push(actors)
  const { host, port } = listener
  bound = yield* Effect.mapError(
    listen({ host, port, backlog: config.socketListenBacklogSize }, actors.accept),
    namingSetting(listener)
  )
  return { running: { name: listener.name, ...bound }, actors }
})

const makeKafkaBroker = Effect.gen(function*() {
  const config = yield* BrokerConfig
  const metadata = yield* Metadata
  const tick = yield* Tick
  const codecs = yield* Compression
  const registry = yield* makeHandlers
  const inForce = settingsInForce(config)
  const quota = new ConnectionQuota(() => {
    const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides } = inForce(metadata.current())
    return { max: maxConnections, maxPerAddress: maxConnectionsPerIp, overrides: maxConnectionsPerIpOverrides }
  })
  const { queuedRequestBytesMax } = ConnectionLimits
  const memory = new RequestMemory(
    config.queuedMaxRequestBytes > 0 ? config.queuedMaxRequestBytes : queuedRequestBytesMax
  )
  const groups = yield* GroupCoordinator
  const opened: Array<ConnectionActors> = []
  let isOpen = true
  // Runs once no listener accepts any more. What waits for other clients, who are not heard any more, is answered too.
  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      isOpen = false
      yield* Effect.forEach(opened, (actors) => actors.stopTaking)
      groups.stopWaiting()
      yield* Effect.forEach(opened, (actors) => actors.awaitClosed, { concurrency: "unbounded" })
    })
  )
  const started = yield* Effect.forEach(
    config.listeners,
    (listener) => startListener(listener, registry, quota, memory, opened)
  )
  const [first] = started
  if (first === undefined) return yield* Effect.die("a broker has at least one listener")
  const ownPrincipal = yield* ClientPrincipal
  const connect = ({ principal = ownPrincipal }: ConnectOptions = {}): ByteConnection => {
    const { client, server } = makeInProcessConnection(tick)
    first.actors.attach(server, principal)
    return client
  }
  const clientAs = (principal: Principal) =>
    makeBrokerClient(
      { connect: () => connect({ principal }), maxRequestBytes: config.socketRequestMaxBytes },
      codecs
    )
  yield* writeTransactionMarkers({
    connect: () => isOpen ? connect({ principal: brokerPrincipal }) : undefined,
    maxRequestBytes: config.socketRequestMaxBytes
  })
  return KafkaBroker.of({
    client: yield* clientAs(ownPrincipal),
    clientAs,
    nodeId: config.nodeId,
    clusterId: metadata.current().clusterId,
    listeners: started.map(({ running }) => running),
    host: first.running.host,
    port: first.running.port,
    connect,
    failed: (yield* Controller).failed,
    connectionCount: () => started.reduce((count, { actors }) => count + actors.count(), 0)
  })
})

/**
 * The broker as a layer: ready once every partition it leads can be used and every listener accepts. Closing the scope
 * stops accepting, answers what was accepted, closes the logs and leaves the directory as a clean shutdown does.
 */
export class KafkaBroker extends Context.Service<KafkaBroker, KafkaBrokerShape>()(
  "@kafka-broker/core/broker/KafkaBroker"
) {
  static readonly layer: Layer.Layer<
    KafkaBroker,
    BrokerStartError,
    BrokerConfig | Authorizer | Listener | Tick | LogFiles | Compression
  > = Layer.effect(KafkaBroker, makeKafkaBroker).pipe(Layer.provide(layerActors))
}
