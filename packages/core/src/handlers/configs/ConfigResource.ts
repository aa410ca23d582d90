import type { RequestContext } from "../../actors/connection/Handler.ts"
import type { ConfigResourceType } from "../../metadata/MetadataImage.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { errorMessage } from "../../model/errorMessage.ts"
import type { AclOperation } from "../../security/Authorizer.ts"
import { Authorizer, clusterName } from "../../security/Authorizer.ts"

/** Resource types of the config requests. Source: ConfigResource.Type. */
const resourceTypes = new Map<number, ConfigResourceType | "BROKER_LOGGER">([
  [2, "TOPIC"],
  [4, "BROKER"],
  [8, "BROKER_LOGGER"],
  [16, "CLIENT_METRICS"],
  [32, "GROUP"]
])

/** What a resource of a config request is. */
export type ResourceKind = ConfigResourceType | "BROKER_LOGGER"

/** The kind with this number; undefined when there is none. */
export const resourceKind = (resourceType: number): ResourceKind | undefined => resourceTypes.get(resourceType)

/** The outcome of one resource: a code and its sentence. */
export interface ResourceError {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

/** Done. */
export const noError: ResourceError = { errorCode: ErrorCode.NONE, errorMessage: null }
/** INVALID_REQUEST (42): the request itself is wrong. */
export const invalidRequest = (message: string): ResourceError => ({
  errorCode: ErrorCode.INVALID_REQUEST,
  errorMessage: message
})
/** INVALID_CONFIG (40): a value is wrong. */
export const invalidConfig = (message: string): ResourceError => ({
  errorCode: ErrorCode.INVALID_CONFIG,
  errorMessage: message
})

const unauthorized = (errorCode: ErrorCode): ResourceError => ({ errorCode, errorMessage: errorMessage(errorCode) })

/** Whether the client may do `operation` to a resource's configs; the refusal otherwise. */
export const refuseUnauthorized = (
  authorizer: Authorizer["Service"],
  context: RequestContext,
  operation: AclOperation,
  kind: ResourceKind,
  name: string
): ResourceError | undefined => {
  const { principal, clientHost } = context
  switch (kind) {
    case "TOPIC":
      return authorizer.authorize(principal, clientHost, operation, "TOPIC", name)
        ? undefined
        : unauthorized(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    case "GROUP":
      return authorizer.authorize(principal, clientHost, operation, "GROUP", name)
        ? undefined
        : unauthorized(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    case "BROKER":
    case "BROKER_LOGGER":
    case "CLIENT_METRICS":
      return authorizer.authorize(principal, clientHost, operation, "CLUSTER", clusterName)
        ? undefined
        : unauthorized(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  }
}

/** Source: ConfigAdminManager.validateResourceNameIsCurrentNodeId. */
export const refuseOtherNode = (name: string, nodeId: number): ResourceError | undefined => {
  if (!/^[+-]?\d+$/.test(name)) return invalidRequest(`Node id must be an integer, but it is: ${name}`)
  return Number(name) === nodeId
    ? undefined
    : invalidRequest(`Unexpected broker id, expected ${nodeId}, but received ${name}`)
}
