import type { ConfigRulesShape } from "../../src/config/ConfigRules.ts"
import { Effect, Layer } from "effect"
import type { Handler, RequestContext } from "../../src/actors/connection/Handler.ts"
import { ProducerIds } from "../../src/actors/controller/ProducerIds.ts"
import { CoordinatorFinder, type CoordinatorKind } from "../../src/actors/coordinator-runtime/CoordinatorFinder.ts"
import { TransactionCoordinator } from "../../src/actors/transaction-coordinator/TransactionCoordinator.ts"
import { ErrorCode } from "../../src/model/ErrorCode.ts"
import type { AnyApi, RequestInputOf, ResponseInputOf } from "../../src/protocol/schema/defineApi.ts"
import { ByteReader } from "../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../src/protocol/wire/ByteWriter.ts"
import { Authorizer } from "../../src/security/Authorizer.ts"
import { anonymous } from "../../src/security/Principal.ts"
import { layerTestController } from "../actors/controller/fixtures.ts"
import { testConnection } from "./testHandlers.ts"

/** Denies what is listed as `OPERATION TYPE name`; `*` stands for any name. */
const layerAuthorizer = (denied: ReadonlyArray<string>) => {
  const isDenied = (what: string, name: string) => denied.includes(`${what} ${name}`) || denied.includes(`${what} *`)
  return Layer.succeed(Authorizer, {
    authorize: (_principal, _host, operation, type, name) => !isDenied(`${operation} ${type}`, name),
    authorizeByResourceType: (_principal, _host, operation, type) => !denied.includes(`${operation} ${type} *`)
  })
}

/** A transaction coordinator that is not there at the moment. */
const noTransactions = Layer.mock(TransactionCoordinator, {
  list: Effect.succeed([]),
  addPartitionsDirect: (_, reply) => reply(ErrorCode.COORDINATOR_NOT_AVAILABLE),
  verifyPartitionsDirect: (_, reply) => reply(() => ErrorCode.COORDINATOR_NOT_AVAILABLE),
  initProducerId: () =>
    Effect.succeed({
      _tag: "Producer",
      errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
      producerId: -1,
      producerEpoch: -1
    })
})

/** All that the administrative handlers need, in memory. */
export const layerAdmin = (options: {
  readonly denied?: ReadonlyArray<string>
  readonly properties?: Readonly<Record<string, string>>
  readonly coordinators?: ReadonlyArray<CoordinatorKind>
  /** Default: those of the controller's tests. */
  readonly configRules?: ConfigRulesShape
} = {}) =>
  Layer.mergeAll(CoordinatorFinder.layer(options.coordinators ?? []), ProducerIds.layer, noTransactions).pipe(
    Layer.provideMerge(layerTestController(options.properties, options.configRules).layer),
    Layer.provideMerge(layerAuthorizer(options.denied ?? []))
  )

const contextOf = (apiVersion: number): RequestContext => ({
  apiVersion,
  correlationId: 1,
  clientId: "test",
  clientHost: "127.0.0.1",
  principal: anonymous,
  nodeId: 1,
  listenerName: "PLAINTEXT",
  advertisedHost: "broker.test",
  advertisedPort: 19092,
  connection: testConnection
})

/** Runs a handler on a request as it comes off the wire, and gives the answer as it comes off the wire. */
export const ask = <Api extends AnyApi>(
  handler: Handler<Api>,
  apiVersion: number,
  request: RequestInputOf<Api>
): Effect.Effect<any> => {
  const writer = new ByteWriter()
  handler.api.request.encode(writer, apiVersion, request as never)
  const decoded = handler.api.request.decode(new ByteReader(writer.finishBytes()), apiVersion) as never
  const context = contextOf(apiVersion)
  const answer: Effect.Effect<ResponseInputOf<Api>> = handler._tag === "Effect"
    ? handler.handle(decoded, context)
    : Effect.callback((resume) => {
      handler.handle(decoded, context, (response) => resume(Effect.succeed(response!)), () => {})
    })
  return Effect.map(answer, (response) => {
    const out = new ByteWriter()
    handler.api.response.encode(out, apiVersion, response as never)
    return handler.api.response.decode(new ByteReader(out.finishBytes()), apiVersion)
  })
}

/** A CreateTopics request of topics with the broker's defaults, or with so many partitions. */
export const topicsNamed = (...names: ReadonlyArray<string | readonly [string, number]>) => ({
  topics: names.map((each) => {
    const [name, numPartitions] = typeof each === "string" ? [each, -1] as const : each
    return { name, numPartitions, replicationFactor: -1, assignments: [], configs: [] }
  })
})
