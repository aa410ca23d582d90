/**
 * DescribeCluster 0-2 (KIP-700, KIP-919, KIP-1073). This broker describes brokers only: a client that asks for
 * controllers is refused, as by any Kafka broker.
 *
 * Source: AuthHelper.computeDescribeClusterResponse.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { Metadata } from "../metadata/Metadata.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { DescribeCluster, type DescribeClusterResponseInput } from "../protocol/apis/DescribeCluster.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { authorizedOperations, operationsNotRequested } from "./authorizedOperations.ts"
import { listBrokers } from "./livingBrokers.ts"

/** Source: EndpointType. */
const brokerEndpoint = 1
const controllerEndpoint = 2

const refusal = (errorCode: ErrorCode, errorMessage: string): DescribeClusterResponseInput => ({
  errorCode,
  errorMessage,
  clusterId: "",
  brokers: []
})

export const makeDescribeCluster = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const metadata = yield* Metadata
  return directHandler(DescribeCluster, (request, context, reply) => {
    if (request.endpointType === controllerEndpoint) {
      return reply(refusal(
        context.apiVersion === 0 ? ErrorCode.INVALID_REQUEST : ErrorCode.MISMATCHED_ENDPOINT_TYPE,
        "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
      ))
    }
    if (request.endpointType !== brokerEndpoint) {
      return reply(refusal(
        context.apiVersion === 0 ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        `Unsupported endpoint type ${request.endpointType}`
      ))
    }
    const image = metadata.current()
    const brokers = listBrokers(
      image.brokers().filter((broker) => request.includeFencedBrokers || !broker.fenced),
      context
    )
    const mayDescribe = (): boolean =>
      authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", "CLUSTER", clusterName)
    reply({
      errorCode: ErrorCode.NONE,
      clusterId: image.clusterId,
      controllerId: brokers.some(({ id }) => id === image.controllerId) ? image.controllerId : -1,
      brokers: brokers.map(({ fenced, host, id, port, rack }) => ({
        brokerId: id,
        host,
        port,
        rack,
        isFenced: fenced
      })),
      clusterAuthorizedOperations: !request.includeClusterAuthorizedOperations
        ? operationsNotRequested
        : mayDescribe()
        ? authorizedOperations(authorizer, context, "CLUSTER", clusterName)
        : 0
    })
  })
})
