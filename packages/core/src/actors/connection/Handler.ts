import type { Effect } from "effect"
import type { AnyApi, RequestOf, ResponseInputOf } from "../../protocol/schema/defineApi.ts"
import type { Principal } from "../../security/Principal.ts"

/** What a handler may know about the request beside its body. */
export interface RequestContext {
  readonly apiVersion: number
  readonly correlationId: number
  /** Empty when the client sent null. */
  readonly clientId: string
  /** Peer address without port; shown by DescribeGroups as `/127.0.0.1`. */
  readonly clientHost: string
  readonly principal: Principal
  /** Id of the broker that serves the request. */
  readonly nodeId: number
  /** Listener by which the request came. */
  readonly listenerName: string
  /** The address clients of this listener are told to connect to. */
  readonly advertisedHost: string
  readonly advertisedPort: number
}

/** Answers now or later, exactly once. `undefined` sends nothing (Produce with acks=0). */
export type Reply<Response> = (response: Response | undefined) => void

/**
 * A handler made of plain functions, for the hot path. It runs in arrival order (the dispatch stage) and calls `reply`
 * once, then or later (the completion stage). It must not throw. Returns a function that abandons the wait when the
 * connection closes first, or nothing.
 */
export interface DirectHandler<Api extends AnyApi> {
  readonly _tag: "Direct"
  readonly api: Api
  readonly handle: (
    request: RequestOf<Api>,
    context: RequestContext,
    reply: Reply<ResponseInputOf<Api>>,
    /** Closes the connection without an answer: how Kafka reports an error of a Produce with acks=0. */
    disconnect: () => void
  ) => (() => void) | void
}

/** A handler written as an Effect: one fiber per request, interrupted when the connection closes. */
export interface EffectHandler<Api extends AnyApi> {
  readonly _tag: "Effect"
  readonly api: Api
  readonly handle: (request: RequestOf<Api>, context: RequestContext) => Effect.Effect<ResponseInputOf<Api>>
}

/** A handler of either way. */
export type Handler<Api extends AnyApi = AnyApi> = DirectHandler<Api> | EffectHandler<Api>

/** A handler of plain functions: the hot path, and whoever holds no fiber while it waits. */
export const directHandler = <Api extends AnyApi>(
  api: Api,
  handle: DirectHandler<Api>["handle"]
): DirectHandler<Api> => ({ _tag: "Direct", api, handle })

/** A handler of one Effect for each request. */
export const effectHandler = <Api extends AnyApi>(
  api: Api,
  handle: EffectHandler<Api>["handle"]
): EffectHandler<Api> => ({ _tag: "Effect", api, handle })
