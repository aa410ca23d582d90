/**
 * AlterPartitionReassignments 0-1 (KIP-455, KIP-860). There is one broker: a partition can go where it is, shed replicas
 * that other brokers had, or be refused.
 *
 * Source: ControllerApis.handleAlterPartitionReassignments.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { Controller } from "../actors/controller/Controller.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { type OperationError, operationError, timedOut } from "../model/OperationError.ts"
import {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponseInput
} from "../protocol/apis/AlterPartitionReassignments.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

/** The whole request and each partition in it are refused. Source: AlterPartitionReassignmentsRequest.getErrorResponse. */
const refuseAll = (
  { topics }: AlterPartitionReassignmentsRequest,
  error: OperationError
): AlterPartitionReassignmentsResponseInput => ({
  ...error,
  responses: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...error }))
  }))
})

/** The handler of AlterPartitionReassignments. */
export const makeAlterPartitionReassignments = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const controller = yield* Controller
  return effectHandler(
    AlterPartitionReassignments,
    Effect.fnUntraced(function*(request, { clientHost, principal }) {
      if (!authorizer.authorize(principal, clientHost, "ALTER", "CLUSTER", clusterName)) {
        return refuseAll(request, operationError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED))
      }
      if (request.topics.length === 0) return { errorCode: ErrorCode.NONE, errorMessage: "", responses: [] }
      if (request.timeoutMs <= 0) return refuseAll(request, timedOut)
      return yield* Effect.match(controller.run({ _tag: "AlterPartitionReassignments", ...request }), {
        onSuccess: (responses) => ({
          allowReplicationFactorChange: request.allowReplicationFactorChange,
          errorCode: ErrorCode.NONE,
          errorMessage: null,
          responses
        }),
        onFailure: (error) => refuseAll(request, error)
      })
    })
  )
})
