import { Layer } from "effect"
import { everyone, wildcard } from "./Acl.ts"
import type { AclBinding } from "./Acl.ts"
import { Authorizer } from "./Authorizer.ts"
import type { AclOperation, ResourceType } from "./Authorizer.ts"
import type { Principal } from "./Principal.ts"

/** What an authorizer over ACLs decides by. */
export interface AclRules {
  readonly bindings: ReadonlyArray<AclBinding>
  /** In Kafka's form `User:name`; they may do everything. */
  readonly superUsers: ReadonlyArray<string>
  /** What holds for a resource on which there is no ACL at all. */
  readonly allowEveryoneIfNoAclFound: boolean
}

const impliesDescribe: ReadonlySet<string> = new Set(["DESCRIBE", "READ", "WRITE", "DELETE", "ALTER"])
const impliesDescribeConfigs: ReadonlySet<string> = new Set(["DESCRIBE_CONFIGS", "ALTER_CONFIGS"])

/** ALLOW of one operation can allow a weaker one; DENY denies what it names. */
const covers = (binding: AclBinding, operation: AclOperation): boolean => {
  if (binding.operation === "ALL" || binding.operation === operation) return true
  if (binding.permissionType === "DENY") return false
  if (operation === "DESCRIBE") return impliesDescribe.has(binding.operation)
  return operation === "DESCRIBE_CONFIGS" && impliesDescribeConfigs.has(binding.operation)
}

const isFor = (binding: AclBinding, principal: string, host: string): boolean =>
  (binding.principal === principal || binding.principal === everyone) &&
  (binding.host === host || binding.host === wildcard)

/** Bindings of one resource type, arranged so that a check touches only those whose pattern can match. */
interface TypeIndex {
  readonly all: ReadonlyArray<AclBinding>
  readonly literal: ReadonlyMap<string, ReadonlyArray<AclBinding>>
  readonly prefixed: ReadonlyMap<string, ReadonlyArray<AclBinding>>
  /** Lengths of the prefixes, so a check looks up one slice of the name for each. */
  readonly prefixLengths: ReadonlyArray<number>
}

const groupByName = (bindings: ReadonlyArray<AclBinding>): ReadonlyMap<string, ReadonlyArray<AclBinding>> => {
  const groups = new Map<string, Array<AclBinding>>()
  for (const binding of bindings) {
    const group = groups.get(binding.resourceName)
    if (group === undefined) groups.set(binding.resourceName, [binding])
    else group.push(binding)
  }
  return groups
}

const indexType = (all: ReadonlyArray<AclBinding>): TypeIndex => {
  const prefixed = groupByName(all.filter(({ patternType }) => patternType === "PREFIXED"))
  return {
    all,
    literal: groupByName(all.filter(({ patternType }) => patternType === "LITERAL")),
    prefixed,
    prefixLengths: Array.from(new Set(Array.from(prefixed.keys(), (name) => name.length)))
  }
}

const forEachMatching = (index: TypeIndex, name: string, visit: (binding: AclBinding) => void): void => {
  index.literal.get(name)?.forEach(visit)
  if (name !== wildcard) index.literal.get(wildcard)?.forEach(visit)
  for (const length of index.prefixLengths) {
    if (length <= name.length) index.prefixed.get(name.slice(0, length))?.forEach(visit)
  }
}

/**
 * Decides by ACLs: super users may do everything; else a matching DENY denies, else a matching ALLOW allows, else a
 * resource without ACLs follows `allowEveryoneIfNoAclFound` and one with ACLs is denied.
 * Source: StandardAuthorizerData.authorize, Authorizer.authorizeByResourceType.
 */
export const makeAclAuthorizer = (rules: AclRules): Authorizer["Service"] => {
  const superUsers = new Set(rules.superUsers)
  const byType = new Map<ResourceType, TypeIndex>(
    (["TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID"] as const).map((type) => [
      type,
      indexType(rules.bindings.filter(({ resourceType }) => resourceType === type))
    ])
  )
  const nameOf = ({ type, name }: Principal): string => `${type}:${name}`
  const authorize: Authorizer["Service"]["authorize"] = (principal, host, operation, resourceType, resourceName) => {
    const who = nameOf(principal)
    if (superUsers.has(who)) return true
    let isCovered = false
    let isAllowed = false
    let isDenied = false
    forEachMatching(byType.get(resourceType)!, resourceName, (binding) => {
      isCovered = true
      if (!isFor(binding, who, host) || !covers(binding, operation)) return
      if (binding.permissionType === "DENY") isDenied = true
      else isAllowed = true
    })
    return isCovered ? isAllowed && !isDenied : rules.allowEveryoneIfNoAclFound
  }
  return {
    authorize,
    // Kafka asks for one made-up name first, which lets super users and the no-ACL rule through.
    authorizeByResourceType: (principal, host, operation, resourceType) =>
      authorize(principal, host, operation, resourceType, "hardcode") ||
      allowsSomeResource(
        byType.get(resourceType)!.all.filter((binding) => isFor(binding, nameOf(principal), host)),
        operation
      )
  }
}

/** Whether some ALLOW is not wholly under a DENY. Implied operations do not count here, as in Kafka. */
const allowsSomeResource = (bindings: ReadonlyArray<AclBinding>, operation: AclOperation): boolean => {
  const relevant = bindings.filter((binding) => binding.operation === "ALL" || binding.operation === operation)
  const denies = relevant.filter(({ permissionType }) => permissionType === "DENY")
  const isWildcard = ({ patternType, resourceName }: AclBinding): boolean =>
    patternType === "LITERAL" && resourceName === wildcard
  if (denies.some(isWildcard)) return false
  const isDominated = ({ patternType, resourceName }: AclBinding): boolean =>
    denies.some((deny) =>
      deny.patternType === "PREFIXED"
        ? resourceName.startsWith(deny.resourceName)
        : patternType === "LITERAL" && deny.resourceName === resourceName
    )
  return relevant.some((binding) =>
    binding.permissionType === "ALLOW" && (isWildcard(binding) || !isDominated(binding))
  )
}

/** An authorizer over a fixed list of ACLs, in the place of `Authorizer.allowAll`. */
export const AclAuthorizer = {
  layer: (rules: AclRules): Layer.Layer<Authorizer> => Layer.succeed(Authorizer, makeAclAuthorizer(rules))
}
