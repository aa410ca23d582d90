import { Context, Layer } from "effect"
import type { Principal } from "./Principal.ts"

/** Source: org.apache.kafka.common.acl.AclOperation. */
export type AclOperation =
  | "READ"
  | "WRITE"
  | "CREATE"
  | "DELETE"
  | "ALTER"
  | "DESCRIBE"
  | "CLUSTER_ACTION"
  | "DESCRIBE_CONFIGS"
  | "ALTER_CONFIGS"
  | "IDEMPOTENT_WRITE"

/** Source: org.apache.kafka.common.resource.ResourceType. */
export type ResourceType = "TOPIC" | "GROUP" | "CLUSTER" | "TRANSACTIONAL_ID"

/** The name of the one resource of type CLUSTER. Source: Resource.CLUSTER_NAME. */
export const clusterName = "kafka-cluster"

/**
 * Decides whether a principal may do an operation on a resource. Called on the hot path: plain functions, no failure.
 * Source: org.apache.kafka.server.authorizer.Authorizer.
 */
export class Authorizer extends Context.Service<Authorizer, {
  readonly authorize: (
    principal: Principal,
    host: string,
    operation: AclOperation,
    resourceType: ResourceType,
    resourceName: string
  ) => boolean
  /** Whether some resource of the type allows the operation. Source: Authorizer.authorizeByResourceType. */
  readonly authorizeByResourceType: (
    principal: Principal,
    host: string,
    operation: AclOperation,
    resourceType: ResourceType
  ) => boolean
}>()("@kafka-broker/core/security/Authorizer") {
  /** Everyone may do everything, as Kafka without an authorizer. */
  static readonly allowAll: Layer.Layer<Authorizer> = Layer.sync(Authorizer, () => ({
    authorize: () => true,
    authorizeByResourceType: () => true
  }))
}
