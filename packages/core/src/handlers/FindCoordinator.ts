/**
 * FindCoordinator 0-6: one key up to version 3, several from version 4 on (KIP-699). Share groups (key type 2, KIP-932)
 * have no coordinator here, which is answered as by a Kafka broker without them.
 *
 * Source: KafkaApis.getCoordinator.
 */
import { Effect } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import type { BrokerImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { errorMessage } from "../model/errorMessage.ts"
import { FindCoordinator } from "../protocol/apis/FindCoordinator.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { CoordinatorFinder } from "../actors/coordinator-runtime/CoordinatorFinder.ts"
import { atListener } from "./livingBrokers.ts"

/** Source: FindCoordinatorRequest.CoordinatorType. */
const groupKey = 0
const transactionKey = 1

/** Clients show it with their own failure. */
const noTransactions = "This broker does not serve transactions."

interface Found {
  readonly errorCode: ErrorCode
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

const noCoordinator = (errorCode: ErrorCode): Found => ({ errorCode, nodeId: -1, host: "", port: -1 })

/** What an answer for several keys says of one of them; Kafka leaves it empty. */
const textOf = ({ errorCode }: Found): string => errorCode === ErrorCode.UNSUPPORTED_VERSION ? noTransactions : ""

export const makeFindCoordinator = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const finder = yield* CoordinatorFinder

  const find = Effect.fnUntraced(function*(keyType: number, key: string, context: RequestContext) {
    const may = (resourceType: "GROUP" | "TRANSACTIONAL_ID"): boolean =>
      authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", resourceType, key)
    if (keyType === groupKey && !may("GROUP")) return noCoordinator(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    if (keyType === transactionKey && !may("TRANSACTIONAL_ID")) {
      return noCoordinator(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    }
    if (keyType !== groupKey && keyType !== transactionKey) return noCoordinator(ErrorCode.INVALID_REQUEST)
    const kind = keyType === groupKey ? "GROUP" : "TRANSACTION"
    if (kind === "TRANSACTION" && !finder.serves(kind)) return noCoordinator(ErrorCode.UNSUPPORTED_VERSION)
    const broker: BrokerImage | undefined = yield* finder.find(kind, key)
    const listed = broker === undefined ? undefined : atListener(broker, context)
    if (listed === undefined) return noCoordinator(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return { errorCode: ErrorCode.NONE, nodeId: listed.id, host: listed.host, port: listed.port } satisfies Found
  })

  return effectHandler(
    FindCoordinator,
    Effect.fnUntraced(function*(request, context) {
      if (context.apiVersion < 4) {
        const found: Found = yield* find(request.keyType, request.key, context)
        return { ...found, errorMessage: (textOf(found) || errorMessage(found.errorCode)) ?? "NONE", coordinators: [] }
      }
      const isKnown = request.keyType === groupKey || request.keyType === transactionKey
      const coordinators = yield* Effect.forEach(
        request.coordinatorKeys,
        (key) =>
          Effect.map(find(request.keyType, key, context), (found) => ({ ...found, key, errorMessage: textOf(found) }))
      )
      return {
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        nodeId: -1,
        host: "",
        port: -1,
        // A key type that nobody knows fails the request as a whole, which is answered with the error's own text.
        coordinators: isKnown || request.keyType === 2
          ? coordinators
          : coordinators.map((each) => ({ ...each, errorMessage: errorMessage(each.errorCode) }))
      }
    })
  )
})
