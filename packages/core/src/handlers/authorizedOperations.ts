import type { RequestContext } from "../actors/connection/Handler.ts"
import type { AclOperation, Authorizer, ResourceType } from "../security/Authorizer.ts"

/** What a field of authorized operations holds when they were not asked for. */
export const operationsNotRequested = -2147483648

/** Source: AclOperation.code. */
const codes: Record<AclOperation, number> = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12
}

/** Source: AclEntry.supportedOperations. */
const supported: Record<Exclude<ResourceType, "TRANSACTIONAL_ID">, ReadonlyArray<AclOperation>> = {
  TOPIC: ["READ", "WRITE", "CREATE", "DESCRIBE", "DELETE", "ALTER", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  GROUP: ["READ", "DESCRIBE", "DELETE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  CLUSTER: [
    "CREATE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
    "ALTER",
    "DESCRIBE"
  ]
}

/** The operations a client may do on a resource, one bit each. Source: AuthHelper.authorizedOperations. */
export const authorizedOperations = (
  authorizer: Authorizer["Service"],
  context: RequestContext,
  resourceType: keyof typeof supported,
  resourceName: string
): number => {
  let bits = 0
  for (const operation of supported[resourceType]) {
    if (authorizer.authorize(context.principal, context.clientHost, operation, resourceType, resourceName)) {
      bits |= 1 << codes[operation]
    }
  }
  return bits
}
