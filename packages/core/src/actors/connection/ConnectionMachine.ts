import type { TlsFacts } from "../../seams/Listener.ts"
import type { Principal } from "../../security/Principal.ts"

/** What is known of the client on the other end. Source: RequestContext, ClientInformation. */
export interface ClientFacts {
  readonly listenerName: string
  /** Peer address without port. */
  readonly host: string
  /** Undefined where the transport is not secured. */
  readonly tls: TlsFacts | undefined
  /** Of the last request; empty when it was null. */
  readonly clientId: string
  /** As ApiVersions named them (KIP-511), `unknown` before. */
  readonly softwareName: string
  readonly softwareVersion: string
}

/** What a connection was opened with: the facts that ApiVersions and requests add are not known yet. */
export const newClient = (known: Pick<ClientFacts, "listenerName" | "host" | "tls">): ClientFacts => ({
  ...known,
  clientId: "",
  softwareName: "unknown",
  softwareVersion: "unknown"
})

/** The life of a connection. Every state knows its client. */
export type ConnectionState =
  /** A listener that authenticates has heard nothing of SASL yet. */
  | { readonly _tag: "Unauthenticated"; readonly client: ClientFacts }
  /** SaslHandshake was answered; tokens come as SaslAuthenticate, or bare after SaslHandshake 0. */
  | {
    readonly _tag: "Authenticating"
    readonly client: ClientFacts
    readonly mechanism: string
    readonly tokens: "Requests" | "Bare"
    /** Who it was before, when it authenticates again; it must stay the same (KIP-368). */
    readonly before: Principal | undefined
  }
  | {
    readonly _tag: "Ready"
    readonly client: ClientFacts
    readonly principal: Principal
    /** From then on only another authentication is taken; milliseconds since the epoch, Infinity for ever. */
    readonly expiresAtMs: number
  }
  /** A quota is exceeded: nothing is read, answers go out. */
  | {
    readonly _tag: "Muted"
    readonly client: ClientFacts
    readonly principal: Principal
    readonly expiresAtMs: number
    readonly untilMs: number
  }
  /** The broker stops: what was accepted is answered, what comes is dropped. */
  | { readonly _tag: "Draining"; readonly client: ClientFacts }
  /** The peer broke the protocol: what was accepted before is answered until then, what comes is dropped. */
  | { readonly _tag: "Refused"; readonly client: ClientFacts; readonly untilMs: number }
  /** Everything was answered: the answers and the end are being sent. */
  | { readonly _tag: "Closing"; readonly client: ClientFacts }
  | { readonly _tag: "Closed"; readonly client: ClientFacts }

/** What a handler may report of the connection that a request came by. */
export type HandlerEvent =
  | { readonly _tag: "ClientNamed"; readonly softwareName: string; readonly softwareVersion: string }
  | { readonly _tag: "AuthenticationBegan"; readonly mechanism: string; readonly tokens: "Requests" | "Bare" }
  | { readonly _tag: "Authenticated"; readonly principal: Principal; readonly expiresAtMs: number }
  /** The answer that says so is still sent, at latest until then. */
  | { readonly _tag: "AuthenticationFailed"; readonly untilMs: number }
  | { readonly _tag: "Throttled"; readonly untilMs: number }

/** What happens to a connection. */
export type ConnectionEvent =
  | HandlerEvent
  | { readonly _tag: "ClientIdSeen"; readonly clientId: string }
  | { readonly _tag: "ThrottleEnded" }
  | { readonly _tag: "RequestRefused"; readonly untilMs: number }
  | { readonly _tag: "BrokerStopping" }
  /** Nothing that was accepted is unanswered. */
  | { readonly _tag: "AllAnswered" }
  | { readonly _tag: "Ended" }

/** What a handler asks of the authentication of its connection. */
export type Authentication =
  /** Served before and after it: ApiVersions. */
  | "NotNeeded"
  /** Begins it, or begins it again: SaslHandshake. */
  | "Begins"
  /** Goes on with it: SaslAuthenticate. */
  | "Continues"
  | "Required"

/** Which handlers a state serves; none where nothing is taken. Source: SaslServerAuthenticator. */
const served: Readonly<Record<ConnectionState["_tag"], ReadonlyArray<Authentication>>> = {
  Unauthenticated: ["NotNeeded", "Begins"],
  Authenticating: ["Continues"],
  Ready: ["NotNeeded", "Begins", "Continues", "Required"],
  Muted: [],
  Draining: [],
  Refused: [],
  Closing: [],
  Closed: []
}

/** Whether a handler may serve the next request. Source: SaslServerAuthenticator, KafkaChannel.serverAuthenticationSessionExpired. */
export const serves = (state: ConnectionState, authentication: Authentication, nowMs: number): boolean =>
  state._tag === "Ready" && nowMs >= state.expiresAtMs
    ? authentication === "Begins"
    : served[state._tag].includes(authentication)

/** Whether requests are taken: not while muted, and never again once the connection is on its way to its end. */
export const takesRequests = (state: ConnectionState): boolean =>
  state._tag === "Ready" || state._tag === "Unauthenticated" || state._tag === "Authenticating"

/** Whether the connection is on its way to its end, so that what comes is dropped. */
export const isEnding = (state: ConnectionState): boolean =>
  state._tag === "Draining" || state._tag === "Refused" || state._tag === "Closing" || state._tag === "Closed"

/** A connection of a listener that authenticates, or of one whose clients are who the transport says. */
export const initialState = (client: ClientFacts, principal: Principal | undefined): ConnectionState =>
  principal === undefined
    ? { _tag: "Unauthenticated", client }
    : { _tag: "Ready", client, principal, expiresAtMs: Infinity }

const samePrincipal = (one: Principal, other: Principal): boolean => one.type === other.type && one.name === other.name

/** The state after an event; the same state when the event means nothing to it. Changes nothing. */
export const step = (state: ConnectionState, event: ConnectionEvent): ConnectionState => {
  switch (event._tag) {
    case "ClientNamed": {
      const { softwareName, softwareVersion } = event
      return { ...state, client: { ...state.client, softwareName, softwareVersion } }
    }
    case "ClientIdSeen":
      return { ...state, client: { ...state.client, clientId: event.clientId } }
    case "AuthenticationBegan": {
      if (state._tag !== "Unauthenticated" && state._tag !== "Ready") return state
      const before = state._tag === "Ready" ? state.principal : undefined
      return { _tag: "Authenticating", client: state.client, mechanism: event.mechanism, tokens: event.tokens, before }
    }
    case "Authenticated": {
      if (state._tag !== "Authenticating") return state
      const { expiresAtMs, principal } = event
      if (state.before !== undefined && !samePrincipal(state.before, principal)) return state
      return { _tag: "Ready", client: state.client, principal, expiresAtMs }
    }
    case "AuthenticationFailed":
      return state._tag === "Authenticating"
        ? { _tag: "Refused", client: state.client, untilMs: event.untilMs }
        : state
    case "Throttled":
      if (state._tag === "Muted") return { ...state, untilMs: Math.max(state.untilMs, event.untilMs) }
      return state._tag === "Ready" ? { ...state, _tag: "Muted", untilMs: event.untilMs } : state
    case "ThrottleEnded": {
      if (state._tag !== "Muted") return state
      const { client, expiresAtMs, principal } = state
      return { _tag: "Ready", client, principal, expiresAtMs }
    }
    case "RequestRefused":
      return isEnding(state) ? state : { _tag: "Refused", client: state.client, untilMs: event.untilMs }
    case "BrokerStopping":
      return isEnding(state) ? state : { _tag: "Draining", client: state.client }
    case "AllAnswered":
      return state._tag === "Draining" || state._tag === "Refused" ? { _tag: "Closing", client: state.client } : state
    case "Ended":
      return state._tag === "Closed" ? state : { _tag: "Closed", client: state.client }
  }
}
