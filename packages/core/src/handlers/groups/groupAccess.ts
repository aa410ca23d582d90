import { Effect } from "effect"
import type { RequestContext } from "../../actors/connection/Handler.ts"
import { type AclOperation, Authorizer, clusterName } from "../../security/Authorizer.ts"

/** The questions that handlers of group APIs ask the authorizer. */
export interface GroupPermissions {
  readonly mayGroup: (context: RequestContext, operation: AclOperation, groupId: string) => boolean
  readonly mayTopic: (context: RequestContext, operation: AclOperation, topic: string) => boolean
  readonly mayCluster: (context: RequestContext, operation: AclOperation) => boolean
}

/** Asks the broker's authorizer. */
export const groupPermissions: Effect.Effect<GroupPermissions, never, Authorizer> = Effect.map(
  Authorizer,
  ({ authorize }) => ({
    mayGroup: ({ clientHost, principal }, operation, groupId) =>
      authorize(principal, clientHost, operation, "GROUP", groupId),
    mayTopic: ({ clientHost, principal }, operation, topic) =>
      authorize(principal, clientHost, operation, "TOPIC", topic),
    mayCluster: ({ clientHost, principal }, operation) =>
      authorize(principal, clientHost, operation, "CLUSTER", clusterName)
  })
)
