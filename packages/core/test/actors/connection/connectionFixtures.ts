import { Effect } from "effect"
import { type ConnectionActors, makeConnectionActors } from "../../../src/actors/connection/ConnectionActors.ts"
import { directHandler, type Handler, type Reply } from "../../../src/actors/connection/Handler.ts"
import { HandlerRegistry } from "../../../src/actors/connection/HandlerRegistry.ts"
import { RequestMemory } from "../../../src/actors/connection/RequestMemory.ts"
import { ConnectionQuota } from "../../../src/actors/connection/ConnectionQuota.ts"
import { Heartbeat } from "../../../src/protocol/apis/Heartbeat.ts"
import { Produce } from "../../../src/protocol/apis/Produce.ts"
import { encodeRequest } from "../../../src/protocol/Frame.ts"
import type { ResponseInputOf } from "../../../src/protocol/schema/defineApi.ts"
import { makeInProcessConnection } from "../../../src/seams/InProcessConnection.ts"
import { anonymous, type Principal } from "../../../src/security/Principal.ts"
import { makeMicrotaskTick } from "../../support/microtaskTick.ts"

type ProduceReply = Reply<ResponseInputOf<typeof Produce>>

/** A Produce handler that answers when the test says so. */
export const heldProduce = () => {
  const held: Array<
    { readonly reply: ProduceReply; readonly disconnect: (why: string) => void; readonly timeoutMs: number }
  > = []
  const abandoned: Array<number> = []
  const handler = directHandler(Produce, (request, _context, reply, disconnect) => {
    held.push({ reply, disconnect, timeoutMs: request.timeoutMs })
    return () => {
      abandoned.push(request.timeoutMs)
    }
  }, { overlaps: true })
  return { held, abandoned, handler }
}

export const heartbeat = directHandler(Heartbeat, (_request, _context, reply) => reply({ errorCode: 0 }))

/** How the actors of a test differ. */
export interface ConnectOptions {
  readonly maxQueuedRequestBytes?: number
  /** Undefined: clients have to authenticate. */
  readonly principal?: Principal | undefined
}

/** A connection to actors that serve `handlers`, with the raw bytes that come back and whether it was closed. */
export const connect = Effect.fnUntraced(
  function*(handlers: ReadonlyArray<Handler<any>>, options: ConnectOptions = {}) {
    const actors = yield* makeConnectionActors({
      nodeId: 1,
      listenerName: "PLAINTEXT",
      registry: new HandlerRegistry(handlers),
      advertised: () => ({ host: "127.0.0.1", port: 9092 }),
      maxRequestBytes: 1_000_000,
      principal: "principal" in options ? options.principal : anonymous,
      memory: new RequestMemory(options.maxQueuedRequestBytes ?? 100_000),
      quota: new ConnectionQuota(() => ({ max: 2, maxPerAddress: 2, overrides: new Map() })),
      maxIdleMs: 60_000
    })
    const { client, server } = makeInProcessConnection(makeMicrotaskTick())
    actors.accept(server)
    return { actors, client }
  }
)

export const drain = (actors: ConnectionActors) => Effect.andThen(actors.stopTaking, actors.awaitClosed)

/** The raw end of a connection: correlation ids of the answers in order, and whether the broker closed it. */
export const observe = (client: ReturnType<typeof makeInProcessConnection>["client"]) => {
  const seen = { correlationIds: [] as Array<number>, closed: false }
  client.start({
    onData: (chunk) => {
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
      for (let at = 0; at < chunk.length; at += 4 + view.getInt32(at)) seen.correlationIds.push(view.getInt32(at + 4))
    },
    onDrain: () => {},
    onClose: () => {
      seen.closed = true
    }
  })
  return seen
}

export const settle = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

export const produce = (correlationId: number, acks = 1) =>
  encodeRequest(Produce, 9, { correlationId, clientId: "c" }, {
    acks,
    timeoutMs: correlationId,
    topicData: []
  })
export const beat = (correlationId: number) =>
  encodeRequest(Heartbeat, 4, { correlationId, clientId: "c" }, { groupId: "g", generationId: 1, memberId: "m" })
