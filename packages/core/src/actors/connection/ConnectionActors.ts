import { Cause, Clock, Effect, Exit, FiberSet } from "effect"
import type { Scope } from "effect"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import { ByteWriter } from "../../protocol/wire/ByteWriter.ts"
import type { ByteConnection } from "../../seams/Listener.ts"
import { Tick } from "../../seams/Tick.ts"
import type { Principal } from "../../security/Principal.ts"
import { makeDeadlineClock } from "../DeadlineClock.ts"
import { Connection, type ConnectionShared } from "./Connection.ts"
import type { ConnectionQuota } from "./ConnectionQuota.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"
import { initialState, newClient } from "./ConnectionMachine.ts"
import { SharedBufferPool } from "./BufferPool.ts"
import type { EffectHandler, RequestContext } from "./Handler.ts"
import type { HandlerRegistry } from "./HandlerRegistry.ts"
import type { RequestMemory } from "./RequestMemory.ts"
import { RequestTurns } from "./RequestTurns.ts"
import { RequestObserver } from "./RequestObserver.ts"
import { SharedResponseMemory } from "./ResponseMemory.ts"
import type { PendingResponse } from "./ResponseOutput.ts"

export interface ConnectionActorsOptions {
  readonly registry: HandlerRegistry
  /** Of the broker. */
  readonly nodeId: number
  readonly listenerName: string
  /** Where the client of a connection is told to connect, given the address by which it reached the broker. */
  readonly advertised: (localAddress: string) => { readonly host: string; readonly port: number }
  /** Who every client is until it authenticates; undefined when none is served before that. */
  readonly principal: Principal | undefined
  readonly maxRequestBytes: number
  /** Shared by all listeners of the broker, as `quota` is. */
  readonly memory: RequestMemory
  readonly quota: ConnectionQuota
  readonly maxIdleMs: number
}

/** Something that is looked at when its time comes. */
interface Due {
  readonly due: () => void
}

/** The connections of one listener: one actor each, a fiber that lives as long as its connection. */
export interface ConnectionActors {
  /** Takes a connection from outside this process, or closes it when there are too many. */
  readonly accept: (bytes: ByteConnection) => void
  /** Takes a connection from inside this process, which is under no quota. */
  readonly attach: (bytes: ByteConnection, principal: Principal) => void
  readonly count: () => number
  /** Takes no further request of any connection; each closes once what it accepted is answered. */
  readonly stopTaking: Effect.Effect<void>
  /** Ends when every connection has closed; those that take too long are closed then, and what they asked for interrupted. */
  readonly awaitClosed: Effect.Effect<void>
}

/** Starts the owner of a listener's connections; closing the scope destroys those that are left. */
export const makeConnectionActors = Effect.fnUntraced(function*(
  options: ConnectionActorsOptions
): Effect.fn.Return<ConnectionActors, never, Scope.Scope | Tick> {
  const clock = yield* Clock.Clock
  const tick = yield* Tick
  const bufferPool = yield* SharedBufferPool
  const connections = new Set<Connection>()
  // Closed after the connections: what they interrupt is waited for.
  const runFork = yield* FiberSet.makeRuntime<never, unknown, never>()
  const fibers = yield* FiberSet.make()
  const run = yield* FiberSet.runtime(fibers)()

  const fork = (
    handler: EffectHandler<AnyApi>,
    request: unknown,
    context: RequestContext,
    pending: PendingResponse,
    connection: Connection
  ) => {
    const fiber = runFork(handler.handle(request as never, context))
    if (pending.state === "Waiting") pending.fiber = fiber
    fiber.addObserver((exit) => {
      if (Exit.isSuccess(exit)) return connection.settle(pending, exit.value as PendingResponse["body"])
      if (!Cause.hasInterruptsOnly(exit.cause)) connection.fail(handler.api.name, Cause.squash(exit.cause))
    })
  }

  const { deadlines, wake } = yield* makeDeadlineClock(
    (one: Due) => one,
    (one) => one.due(),
    () => clock.currentTimeMillisUnsafe()
  )
  let isTrimSet = false
  /** Lets go of the buffers that no traffic used lately; set only while there is traffic, or something to let go of. */
  const trimmer: Due = {
    due: () => {
      isTrimSet = false
      bufferPool.trim()
      if (bufferPool.idleBytes > 0) trimLater()
    }
  }
  const trimLater = (): void => {
    if (isTrimSet) return
    isTrimSet = true
    deadlines.schedule(trimmer, clock.currentTimeMillisUnsafe() + ConnectionLimits.idleBufferMs)
    wake()
  }

  const shared: Omit<ConnectionShared, "advertisedHost" | "advertisedPort"> = {
    registry: options.registry,
    nodeId: options.nodeId,
    memory: options.memory,
    maxIdleMs: options.maxIdleMs,
    onWritten: trimLater,
    turns: new RequestTurns(
      tick,
      () => clock.currentTimeMillisUnsafe(),
      (task) => void runFork(Effect.andThen(Effect.yieldNow, Effect.sync(task)))
    ),
    wakeAt: (connection, dueMs) => {
      deadlines.schedule(connection, dueMs)
      wake()
    },
    responseMemory: yield* SharedResponseMemory,
    bufferPool,
    writer: new ByteWriter(),
    maxRequestBytes: options.maxRequestBytes,
    atTickEnd: tick.atEnd,
    now: () => clock.currentTimeMillisUnsafe(),
    observe: yield* RequestObserver,
    fork,
    onRefused: (connection, why) => {
      runFork(Effect.logDebug(`closed the connection of ${connection.state.client.host}: ${why}`))
    },
    onDefect: (connection, where, error) => {
      runFork(Effect.logError(`closed the connection of ${connection.state.client.host}: ${where} failed`, error))
    }
  }

  const accept = (bytes: ByteConnection) => {
    const address = bytes.remoteAddress
    if (!options.quota.admit(address)) {
      runFork(Effect.logDebug(`closed a connection of ${address}: too many connections`))
      return bytes.destroy()
    }
    attach(bytes, options.principal, () => options.quota.release(address))
  }

  const attach = (bytes: ByteConnection, principal: Principal | undefined, onClosed?: () => void) => {
    const { listenerName } = options
    const advertised = options.advertised(bytes.localAddress)
    const client = newClient({ listenerName, host: bytes.remoteAddress, tls: bytes.tls })
    run(Effect.callback<void>((resume) => {
      const connection = new Connection(
        bytes,
        { ...shared, advertisedHost: advertised.host, advertisedPort: advertised.port },
        initialState(client, principal),
        () => {
          connections.delete(connection)
          deadlines.cancel(connection)
          onClosed?.()
          resume(Effect.void)
        }
      )
      connections.add(connection)
      connection.start()
      return Effect.sync(() => connection.destroy())
    }))
  }

  const stopTaking = Effect.sync(() => {
    for (const connection of [...connections]) connection.drain()
  })
  const awaitClosed = Effect.gen(function*() {
    if (connections.size > 0) {
      yield* FiberSet.awaitEmpty(fibers).pipe(Effect.timeoutOption(ConnectionLimits.drainTimeoutMs))
    }
    if (connections.size > 0) {
      yield* Effect.logWarning(`${connections.size} connections were closed before they were answered`)
    }
    for (const connection of [...connections]) connection.destroy()
  })

  const attachInside: ConnectionActors["attach"] = (bytes, principal) => attach(bytes, principal)
  return { accept, attach: attachInside, count: () => connections.size, stopTaking, awaitClosed }
})
