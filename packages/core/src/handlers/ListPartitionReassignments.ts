/**
 * ListPartitionReassignments 0 (KIP-455). No move between brokers is ever under way: there is one broker, and what can
 * be done is done at once.
 *
 * Source: ControllerApis.handleListPartitionReassignments.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { operationError } from "../model/OperationError.ts"
import { ListPartitionReassignments } from "../protocol/apis/ListPartitionReassignments.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

/** The handler of ListPartitionReassignments. */
export const makeListPartitionReassignments = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  return directHandler(ListPartitionReassignments, (request, { clientHost, principal }, reply) => {
    if (authorizer.authorize(principal, clientHost, "DESCRIBE", "CLUSTER", clusterName)) {
      return reply({ errorCode: ErrorCode.NONE, errorMessage: null, topics: [] })
    }
    reply({
      ...operationError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          replicas: [],
          addingReplicas: [],
          removingReplicas: []
        }))
      }))
    })
  })
})
