import { decodeRequestHeader } from "../../../core/src/protocol/Frame.ts"
import type { AnyApi } from "../../../core/src/protocol/schema/defineApi.ts"
import { ByteReader } from "../../../core/src/protocol/wire/ByteReader.ts"
import { DecodeError } from "../../../core/src/protocol/wire/DecodeError.ts"

/** One complete request that the broker must take. */
export interface Expected {
  readonly api: AnyApi
  /** Of the answer: 0 for ApiVersions in a version that is not served. */
  readonly version: number
  readonly correlationId: number
  /** Produce with acks=0: no answer, or the end of the connection when it fails. */
  readonly isSilent: boolean
  /** The answer may wait for something that does not happen. */
  readonly mayWait: boolean
}

/** What must happen after bytes were written: the answers in order and, after them, what becomes of the connection. */
export interface Expectation {
  readonly answers: ReadonlyArray<Expected>
  /** `Close`: what follows the answers is refused. `Incomplete`: a frame was begun. `Open`: the next may follow. */
  readonly end: "Open" | "Close" | "Incomplete"
}

const waitingApis = new Set(["JoinGroup", "SyncGroup"])

const expectedOf = (frame: Uint8Array, apis: ReadonlyMap<number, AnyApi>): Expected | undefined => {
  try {
    const reader = new ByteReader(frame)
    const { apiKey, apiVersion, correlationId } = decodeRequestHeader(reader)
    const api = apis.get(apiKey)!
    const isServed = api.request.supports(apiVersion)
    const body = (isServed ? api.request.decode(reader, apiVersion) : {}) as {
      readonly acks?: number
      readonly maxWaitMs?: number
    }
    return {
      api,
      version: isServed ? apiVersion : 0,
      correlationId,
      isSilent: api.name === "Produce" && body.acks === 0,
      mayWait: waitingApis.has(api.name) || (api.name === "Fetch" && body.maxWaitMs! > 0)
    }
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** Reads the input as the protocol says, apart from the broker's own framing. */
export const expectationOf = (
  input: Uint8Array,
  apis: ReadonlyMap<number, AnyApi>,
  maxRequestBytes: number
): Expectation => {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const answers: Array<Expected> = []
  let at = 0
  while (at < input.length) {
    if (input.length - at < 4) return { answers, end: "Incomplete" }
    const size = view.getInt32(at)
    if (size < 4 || size > maxRequestBytes) return { answers, end: "Close" }
    if (input.length - at < 8) return { answers, end: "Incomplete" }
    const api = apis.get(view.getInt16(at + 4))
    if (api === undefined) return { answers, end: "Close" }
    if (api.name !== "ApiVersions" && !api.request.supports(view.getInt16(at + 6))) return { answers, end: "Close" }
    if (input.length - at - 4 < size) return { answers, end: "Incomplete" }
    const expected = expectedOf(input.subarray(at + 4, at + 4 + size), apis)
    if (expected === undefined) return { answers, end: "Close" }
    answers.push(expected)
    at += 4 + size
  }
  return { answers, end: "Open" }
}
