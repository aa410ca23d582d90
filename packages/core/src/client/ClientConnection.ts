import { Effect } from "effect"
import type { Scope } from "effect"
import { FrameSplitter } from "../protocol/FrameSplitter.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { decodeResponse, encodeRequest } from "../protocol/Frame.ts"
import type { AnyApi, RequestInputOf, ResponseOf } from "../protocol/schema/defineApi.ts"
import type { ByteConnection } from "../seams/Listener.ts"
import { kafkaError, type KafkaError } from "./KafkaError.ts"

/** A response may be as large as a request may be by default; beyond it something is wrong. */
const responseBytesMax = 0x7fff_ffff

/** One connection of a client: sends requests and matches the answers, which arrive in request order. */
export interface ClientConnection {
  /** Sends in the newest version both sides know, or in `version`. Fails when the connection ends first. */
  readonly request: <A extends AnyApi>(
    api: A,
    body: RequestInputOf<A>,
    version?: number
  ) => Effect.Effect<ResponseOf<A>, KafkaError>
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
  private readonly frames = new FrameSplitter(responseBytesMax, () => true)
  private readonly onEnd: (exchange: Exchange) => void

  constructor(bytes: ByteConnection, onEnd: (exchange: Exchange) => void) {
    this.bytes = bytes
    this.onEnd = onEnd
    bytes.start({ onData: (chunk) => this.receive(chunk), onDrain: () => {}, onClose: () => this.end() })
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
    one.resume(Effect.sync(() => decodeResponse(one.api, one.version, frame).body))
  }

  private end(): void {
    this.onEnd(this)
    for (const { resume } of this.waiting.values()) resume(Effect.fail(kafkaError(ErrorCode.NETWORK_EXCEPTION)))
    this.waiting.clear()
  }
}

/**
 * Speaks the protocol over connections made by `connect`: one at a time, made when first needed and again after the
 * broker closed it (it closes idle ones), closed with the scope. Source: NetworkClient.
 */
export const makeClientConnection = Effect.fnUntraced(function*(
  connect: () => ByteConnection,
  clientId: string
): Effect.fn.Return<ClientConnection, never, Scope.Scope> {
  let current: Exchange | undefined
  let nextCorrelationId = 0
  yield* Effect.addFinalizer(() => Effect.sync(() => current?.bytes.destroy()))

  const exchange = () =>
    current ??= new Exchange(connect(), (ended) => {
      if (current === ended) current = undefined
    })

  const request: ClientConnection["request"] = (api, body, version = api.versions.max) =>
    Effect.callback((resume) => {
      const { bytes, waiting } = exchange()
      const correlationId = nextCorrelationId++
      waiting.set(correlationId, { api, version, resume: resume as Waiting["resume"] })
      bytes.write(encodeRequest(api, version, { correlationId, clientId }, body))
      return Effect.sync(() => {
        waiting.delete(correlationId)
      })
    })
  return { request }
})
