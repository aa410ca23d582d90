import { Schema } from "effect"

/** One access control entry on a resource pattern. Source: org.apache.kafka.common.acl.AclBinding. */
export const AclBinding = Schema.Struct({
  resourceType: Schema.Literals(["TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID"]),
  /** A name, a prefix, or `*` for every name. */
  resourceName: Schema.NonEmptyString,
  patternType: Schema.Literals(["LITERAL", "PREFIXED"]),
  /** In Kafka's form `User:name`; `User:*` is everyone. */
  principal: Schema.NonEmptyString,
  /** An address, or `*` for every address. */
  host: Schema.NonEmptyString,
  operation: Schema.Literals([
    "ALL",
    "READ",
    "WRITE",
    "CREATE",
    "DELETE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE"
  ]),
  permissionType: Schema.Literals(["ALLOW", "DENY"])
})
/** One decoded {@link AclBinding}. */
export type AclBinding = typeof AclBinding.Type

/** The content of the file named by `kafka.broker.acl.file`: a JSON array of bindings, all fields given. */
export const AclFile = Schema.Array(AclBinding)

/** The name and the host that stand for all of them. Source: ResourcePattern.WILDCARD_RESOURCE. */
export const wildcard = "*"

/** The principal that stands for everyone. Source: AclEntry.WildcardPrincipal. */
export const everyone = "User:*"
