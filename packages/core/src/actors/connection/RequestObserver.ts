import { Context } from "effect"

/** A request as it was decoded, before its handler sees it. */
export interface SeenRequest {
  /** For example `Produce`. */
  readonly api: string
  readonly apiVersion: number
  /** Empty when the client sent null. */
  readonly clientId: string
  readonly correlationId: number
  /** The decoded request; bytes in it are views that are valid only until the observer returns. */
  readonly body: unknown
}

/** Is called with every request that a handler will see, in arrival order. One that throws closes the connection. */
export type RequestObserver = (seen: SeenRequest) => void

/** The observer of a broker's requests; none by default. */
export const RequestObserver = Context.Reference<RequestObserver | undefined>(
  "@kafka-broker/core/actors/connection/RequestObserver",
  { defaultValue: () => undefined }
)
