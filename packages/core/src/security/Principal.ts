import { Context } from "effect"

/** Who is on the other end of a connection, as in Kafka's `KafkaPrincipal`. */
export interface Principal {
  /** `User` for all that Kafka itself makes. */
  readonly type: string
  readonly name: string
}

/** The principal of a connection that did not authenticate. Source: KafkaPrincipal.ANONYMOUS. */
export const anonymous: Principal = { type: "User", name: "ANONYMOUS" }

/** As whom the broker's own client acts under the authorizer; `User:ANONYMOUS` unless provided. */
export const ClientPrincipal = Context.Reference<Principal>("@kafka-broker/core/security/ClientPrincipal", {
  defaultValue: () => anonymous
})

/** The broker itself, on a connection inside its process. */
export const brokerPrincipal: Principal = { type: "User", name: "BROKER" }

/** Whether the broker itself is on the other end: no connection from outside is given this very principal. */
export const isBroker = (principal: Principal): boolean => principal === brokerPrincipal
