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

/** Speaks the protocol over `bytes`, which is closed with the scope. Source: NetworkClient. */
export const makeClientConnection = Effect.fnUntraced(function*(
  bytes: ByteConnection,
  clientId: string
): Effect.fn.Return<ClientConnection, never, Scope.Scope> {
  const frames = new FrameSplitter(responseBytesMax, () => true)
  const waiting = new Map<number, Waiting>()
  let closed = false
  let nextCorrelationId = 0

  const end = () => {
    closed = true
    for (const { resume } of waiting.values()) resume(Effect.fail(kafkaError(ErrorCode.NETWORK_EXCEPTION)))
    waiting.clear()
  }
  const receive = (frame: Uint8Array) => {
    const correlationId = (frame[0]! << 24) | (frame[1]! << 16) | (frame[2]! << 8) | frame[3]!
    const one = waiting.get(correlationId)
    if (one === undefined) return
    waiting.delete(correlationId)
    one.resume(Effect.suspend(() => Effect.succeed(decodeResponse(one.api, one.version, frame).body)))
  }
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      bytes.start({
        onData: (chunk) => {
          frames.push(chunk)
          while (frames.check() === "Complete") receive(frames.take())
        },
        onDrain: () => {},
        onClose: end
      })
    ),
    () => Effect.sync(() => bytes.destroy())
  )

  const request: ClientConnection["request"] = (api, body, version = api.versions.max) =>
    Effect.callback((resume) => {
      if (closed) return resume(Effect.fail(kafkaError(ErrorCode.NETWORK_EXCEPTION)))
      const correlationId = nextCorrelationId++
      waiting.set(correlationId, { api, version, resume: resume as Waiting["resume"] })
      bytes.write(encodeRequest(api, version, { correlationId, clientId }, body))
      return Effect.sync(() => {
        waiting.delete(correlationId)
      })
    })
  return { request }
})
