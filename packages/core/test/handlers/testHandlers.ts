import { Effect, Layer } from "effect"
import type {
  DirectHandler,
  EffectHandler,
  RequestConnection,
  RequestContext
} from "../../src/actors/connection/Handler.ts"
import { TransactionCoordinator } from "../../src/actors/transaction-coordinator/TransactionCoordinator.ts"
import { VerificationGuards } from "../../src/actors/transaction-coordinator/VerificationGuards.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import type { AnyApi, RequestOf, ResponseInputOf } from "../../src/protocol/schema/defineApi.ts"
import { type AclOperation, Authorizer, type ResourceType } from "../../src/security/Authorizer.ts"
import { anonymous } from "../../src/security/Principal.ts"
import { initialState, newClient } from "../../src/actors/connection/ConnectionMachine.ts"
import { testLeaders } from "../actors/partition-leader/testLeaders.ts"

/** The connection of every request of these tests; what handlers report of it is lost. */
export const testConnection: RequestConnection = {
  state: initialState(newClient({ listenerName: "PLAINTEXT", host: "127.0.0.1", tls: undefined }), anonymous),
  report: () => {}
}

const contextOf = (apiVersion: number, clientId = "test"): RequestContext => ({
  apiVersion,
  correlationId: 1,
  clientId,
  clientHost: "127.0.0.1",
  principal: anonymous,
  nodeId: 1,
  listenerName: "PLAINTEXT",
  advertisedHost: "here",
  advertisedPort: 9092,
  connection: testConnection
})

/** Allows all but what is listed, as `OPERATION TYPE name`. */
export const denying = (
  ...denied: ReadonlyArray<`${AclOperation} ${ResourceType} ${string}`>
): Layer.Layer<Authorizer> =>
  Layer.succeed(Authorizer, {
    authorize: (_, _host, operation, type, name) => !denied.includes(`${operation} ${type} ${name}`),
    authorizeByResourceType: () => true
  })

const allowAll = denying()

/** A transaction coordinator that knows no transactional id. */
const noTransactions = Layer.mock(TransactionCoordinator, {
  list: Effect.succeed([]),
  addPartitionsDirect: (_, reply) => reply(ErrorCode.INVALID_PRODUCER_ID_MAPPING),
  verifyPartitionsDirect: (_, reply) => reply(() => ErrorCode.INVALID_PRODUCER_ID_MAPPING)
})

/** Leaders without topics, no transactions, and this authorizer. */
export const testBrokerWith = (authorizer: Layer.Layer<Authorizer>) =>
  Layer.mergeAll(testLeaders, authorizer, noTransactions, VerificationGuards.layer)

/** Leaders without topics, an authorizer that allows all. */
export const testBroker = testBrokerWith(allowAll)

/** What a connection sees of a request. */
export type Outcome<Response> =
  | { readonly _tag: "Response"; readonly response: Response }
  | { readonly _tag: "Silence" }
  | { readonly _tag: "Disconnected" }

/** Sends a request to a direct handler; interruption abandons it as a closing connection does. */
export const send = <Api extends AnyApi>(
  handler: DirectHandler<Api>,
  apiVersion: number,
  request: RequestOf<Api>,
  clientId?: string
): Effect.Effect<Outcome<ResponseInputOf<Api>>> =>
  Effect.callback((resume) => {
    const abandon = handler.handle(
      request,
      contextOf(apiVersion, clientId),
      (response, onTaken) => {
        resume(Effect.succeed(response === undefined ? { _tag: "Silence" } : { _tag: "Response", response }))
        onTaken?.(true)
      },
      () => resume(Effect.succeed({ _tag: "Disconnected" }))
    )
    return Effect.sync(() => abandon?.())
  })

/** Sends a request that must be answered. */
export const ask = <Api extends AnyApi>(
  handler: DirectHandler<Api> | EffectHandler<Api>,
  apiVersion: number,
  request: RequestOf<Api>,
  clientId?: string
): Effect.Effect<ResponseInputOf<Api>> =>
  handler._tag === "Effect"
    ? handler.handle(request, contextOf(apiVersion, clientId))
    : Effect.flatMap(send(handler, apiVersion, request, clientId), (outcome) =>
      outcome._tag === "Response"
        ? Effect.succeed(outcome.response)
        : Effect.die(new Error(`no response: ${outcome._tag}`)))
