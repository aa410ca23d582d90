import type { Effect } from "effect"
import type { AnyApi, RequestOf, ResponseInputOf } from "../../protocol/schema/defineApi.ts"
import type { Principal } from "../../security/Principal.ts"
import type { Authentication, ConnectionState, HandlerEvent } from "./ConnectionMachine.ts"

/** The connection a request came by, as far as a handler may look at it. */
export interface RequestConnection {
  readonly state: ConnectionState
  /** Tells the connection what the request says about it: which software the client is, who it is, that it is throttled. */
  readonly report: (event: HandlerEvent) => void
}

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
  readonly connection: RequestConnection
}

/**
 * Answers now or later, exactly once. `undefined` sends nothing (Produce with acks=0). `onTaken` is called once:
 * when the connection has written the answer and has its bytes in its own account, or with false when it drops it.
 */
export type Reply<Response> = (response: Response | undefined, onTaken?: (isSent: boolean) => void) => void

/** How requests of an API are treated by their connection. */
export interface HandlerProperties<Api extends AnyApi> {
  /**
   * Requests may follow each other before the first is answered, which the actor behind the handler keeps in order
   * (Produce). The answer is small. Others wait until all before them are answered. Default: false.
   */
  readonly overlaps?: boolean
  /** Default: Required. */
  readonly authentication?: Authentication
  /** No view of a request is kept once it is answered, so that its memory can be lent again. Default: false. */
  readonly lendsRequests?: boolean
  /** The answer, in version 0, to a version that is not served; without it the connection is closed. Source: KIP-511. */
  readonly answerUnsupported?: () => ResponseInputOf<Api>
}

interface HandlerBase<Api extends AnyApi> {
  readonly api: Api
  readonly overlaps: boolean
  readonly authentication: Authentication
  readonly lendsRequests: boolean
  readonly answerUnsupported: (() => ResponseInputOf<Api>) | undefined
}

/**
 * A handler made of plain functions, for the hot path. It runs in arrival order (the dispatch stage) and calls `reply`
 * once, then or later (the completion stage). It must not throw. Returns a function that abandons the wait when the
 * connection closes first, or nothing.
 */
export interface DirectHandler<Api extends AnyApi> extends HandlerBase<Api> {
  readonly _tag: "Direct"
  readonly handle: (
    request: RequestOf<Api>,
    context: RequestContext,
    reply: Reply<ResponseInputOf<Api>>,
    /** Closes the connection without an answer: how Kafka reports an error of a Produce with acks=0. */
    disconnect: (why: string) => void
  ) => (() => void) | void
}

/** A handler written as an Effect: one fiber per request, interrupted when the connection closes. */
export interface EffectHandler<Api extends AnyApi> extends HandlerBase<Api> {
  readonly _tag: "Effect"
  readonly handle: (request: RequestOf<Api>, context: RequestContext) => Effect.Effect<ResponseInputOf<Api>>
}

/** A handler of either way. */
export type Handler<Api extends AnyApi = AnyApi> = DirectHandler<Api> | EffectHandler<Api>

const baseOf = <Api extends AnyApi>(api: Api, properties: HandlerProperties<Api>): HandlerBase<Api> => ({
  api,
  overlaps: properties.overlaps ?? false,
  authentication: properties.authentication ?? "Required",
  lendsRequests: properties.lendsRequests ?? false,
  answerUnsupported: properties.answerUnsupported
})

/** A handler of plain functions: the hot path, and whatever holds no fiber while it waits. */
export const directHandler = <Api extends AnyApi>(
  api: Api,
  handle: DirectHandler<Api>["handle"],
  properties: HandlerProperties<Api> = {}
): DirectHandler<Api> => ({ _tag: "Direct", ...baseOf(api, properties), handle })

/** A handler of one Effect for each request. */
export const effectHandler = <Api extends AnyApi>(
  api: Api,
  handle: EffectHandler<Api>["handle"],
  properties: HandlerProperties<Api> = {}
): EffectHandler<Api> => ({ _tag: "Effect", ...baseOf(api, properties), handle })
