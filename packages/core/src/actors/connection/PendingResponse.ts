import type { Fiber } from "effect"
import type { AnyApi, ResponseInputOf } from "../../protocol/schema/defineApi.ts"

/** The place of one request in its connection's order of responses. */
export interface PendingResponse {
  readonly api: AnyApi
  readonly version: number
  readonly correlationId: number
  /** Counted in the broker's request memory until the response is written. */
  readonly requestBytes: number
  /** The bytes of a Produce request: written to the log, or refused, once this is settled; nobody looks at them then. */
  readonly frame: Uint8Array | undefined
  /** `Silent` is answered by nothing, as Produce with acks=0 is. */
  state: "Waiting" | "Answered" | "Silent"
  body: ResponseInputOf<AnyApi> | undefined
  /** Ends the wait when the connection closes first. */
  abandon: (() => void) | undefined
  /** The fiber of an Effect handler. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}
