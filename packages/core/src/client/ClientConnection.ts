import { Effect, Latch } from "effect"
import type { Scope } from "effect"
import { FrameSplitter } from "../protocol/FrameSplitter.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { decodeResponse, encodeRequest } from "../protocol/Frame.ts"
import type { AnyApi, RequestInputOf, ResponseOf } from "../protocol/schema/defineApi.ts"
import { EncodeError } from "../protocol/wire/EncodeError.ts"
import type { ByteConnection } from "../seams/Listener.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"

/** A Fetch response may pass its own limit by one batch, so only the format's limit holds. */
const responseBytesMax = 0x7fff_ffff

/** One connection of a client: sends requests and matches the answers, which arrive in request order. */
export interface ClientConnection {
  /**
   * Sends in the newest version both sides know, or in `version`. Fails with `NETWORK_EXCEPTION` when the connection ends
   * first, `INVALID_REQUEST` when the body cannot be encoded, and `MESSAGE_TOO_LARGE` when it is larger than the broker
   * reads (`socket.request.max.bytes`); of the last two nothing is sent.
   */
  readonly request: <A extends AnyApi>(
    api: A,
    body: RequestInputOf<A>,
    version?: number
  ) => Effect.Effect<ResponseOf<A>, KafkaError>
}

/** A connection whose owner can make the broker forget what it was asked. */
export interface OwnedConnection extends ClientConnection {
  /** Closes; whatever waits fails, and the next request opens a new one. */
  readonly disconnect: Effect.Effect<void>
}

/**
 * Inside one process request and answer may pass in one turn of the event loop, so whoever asks again and again would
 * never let another turn begin: after so many answers it waits for the next.
 */
const answersPerTurnMax = 16

/** How to reach the broker. */
export interface ClientEndpoint {
  /** Undefined once the broker accepts no more: a connection made then would never be answered. */
  readonly connect: () => ByteConnection | undefined
  /** Largest request the broker reads, in bytes without the size prefix. */
  readonly maxRequestBytes: number
}

interface Waiting {
  readonly api: AnyApi
  readonly version: number
  readonly resume: (effect: Effect.Effect<never, KafkaError> | Effect.Effect<unknown>) => void
}

/** One byte connection in use: what it waits for, by correlation id. */
class Exchange {
  readonly bytes: ByteConnection
  readonly waiting = new Map<number, Waiting>()
  /** Closed while the broker does not keep up with what was written. */
  readonly writable = Latch.makeUnsafe(true)
  private readonly frames = new FrameSplitter(responseBytesMax, () => true)
  private readonly onEnd: (exchange: Exchange) => void
  private answers = 0

  constructor(bytes: ByteConnection, onEnd: (exchange: Exchange) => void) {
    this.bytes = bytes
    this.onEnd = onEnd
    bytes.start({
      onData: (chunk) => this.receive(chunk),
      onDrain: () => this.writable.openUnsafe(),
      onClose: () => this.end()
    })
  }

  send(correlationId: number, chunks: ReadonlyArray<Uint8Array>, waiting: Waiting): void {
    this.waiting.set(correlationId, waiting)
    if (!this.bytes.write(chunks)) this.writable.closeUnsafe()
  }

  private receive(chunk: Uint8Array): void {
    this.frames.push(chunk)
    while (this.frames.check() === "Complete") this.answer(this.frames.take())
  }

  private answer(frame: Uint8Array): void {
    const correlationId = (frame[0]! << 24) | (frame[1]! << 16) | (frame[2]! << 8) | frame[3]!
    const one = this.waiting.get(correlationId)
    if (one === undefined) return
    this.waiting.delete(correlationId)
    const body = Effect.sync(() => decodeResponse(one.api, one.version, frame).body)
    one.resume(++this.answers % answersPerTurnMax === 0 ? Effect.andThen(Effect.yieldNow, body) : body)
  }

  private end(): void {
    this.onEnd(this)
    this.writable.openUnsafe()
    for (const { api, resume } of this.waiting.values()) {
      resume(Effect.fail(kafkaError(ErrorCode.NETWORK_EXCEPTION, null, { api: api.name })))
    }
    this.waiting.clear()
  }
}

/**
 * Speaks the protocol over connections to `endpoint`: one at a time, made when first needed and again after the
 * broker closed it (it closes idle ones), closed with the scope. Source: NetworkClient.
 */
export const makeClientConnection = Effect.fnUntraced(function*(
  { connect, maxRequestBytes }: ClientEndpoint,
  clientId: string
): Effect.fn.Return<OwnedConnection, never, Scope.Scope> {
  let current: Exchange | undefined
  let nextCorrelationId = 0
  let closed = false
  const disconnect = Effect.sync(() => current?.bytes.destroy())
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      closed = true
      return disconnect
    })
  )

  const exchange = (): Exchange | undefined => {
    if (current !== undefined) return current
    const bytes = closed ? undefined : connect()
    if (bytes === undefined) return undefined
    return current = new Exchange(bytes, (ended) => {
      if (current === ended) current = undefined
    })
  }

  const encode = (api: AnyApi, version: number, correlationId: number, body: unknown) =>
    Effect.try({
      try: () => encodeRequest(api, version, { correlationId, clientId }, body as never),
      catch: (error) => error
    }).pipe(Effect.catch((error) =>
      error instanceof EncodeError
        ? Effect.fail(kafkaError(ErrorCode.INVALID_REQUEST, error.message, { api: api.name }))
        : Effect.die(error)
    ))

  const send = (api: AnyApi, version: number, correlationId: number, chunks: ReadonlyArray<Uint8Array>) =>
    Effect.callback<unknown, KafkaError>((resume) => {
      const used = exchange()
      if (used === undefined) {
        return resume(Effect.fail(kafkaError(ErrorCode.NETWORK_EXCEPTION, null, { api: api.name })))
      }
      used.send(correlationId, chunks, { api, version, resume })
      return Effect.sync(() => {
        used.waiting.delete(correlationId)
      })
    })

  const request = Effect.fnUntraced(function*(api: AnyApi, body: unknown, version: number = api.versions.max) {
    // Correlation ids are 32 bits wide.
    nextCorrelationId = (nextCorrelationId + 1) | 0
    const correlationId = nextCorrelationId
    const chunks = yield* encode(api, version, correlationId, body)
    const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (sizeBytes - 4 > maxRequestBytes) {
      return yield* kafkaError(
        ErrorCode.MESSAGE_TOO_LARGE,
        `The request is ${sizeBytes - 4} bytes long, which is more than the ${maxRequestBytes} bytes the broker reads.`,
        { api: api.name }
      )
    }
    while (current !== undefined && !Latch.isOpen(current.writable)) yield* current.writable.await
    return yield* send(api, version, correlationId, chunks)
  })
  return { request: request as OwnedConnection["request"], disconnect }
})
