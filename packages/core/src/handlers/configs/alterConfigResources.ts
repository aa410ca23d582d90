/**
 * What AlterConfigs and IncrementalAlterConfigs share: the checks a broker makes before it asks the controller, and
 * putting both kinds of outcome together in request order.
 *
 * Source: ConfigAdminManager.preprocess, ControllerApis.handleIncrementalAlterConfigs.
 */
import { Effect } from "effect"
import type { RequestContext } from "../../actors/connection/Handler.ts"
import type { ConfigChange, ConfigResourceChange } from "../../actors/controller/alterConfigs.ts"
import { Controller } from "../../actors/controller/Controller.ts"
import { BrokerConfig } from "../../config/BrokerConfig.ts"
import { dynamicBrokerConfigDef } from "../../config/BrokerConfigs.ts"
import { BrokerLoggers } from "../../config/BrokerLoggers.ts"
import { brokerLevels, effectiveBrokerProperties } from "../../config/BrokerProperties.ts"
import { validateBrokerReconfiguration } from "../../config/validateBrokerReconfiguration.ts"
import { refuseWithoutEffect, validateDynamicBrokerConfigs } from "../../config/validateDynamicBrokerConfigs.ts"
import { Metadata } from "../../metadata/Metadata.ts"
import { Authorizer, clusterName } from "../../security/Authorizer.ts"
import { changeLoggers } from "./changeLoggers.ts"
import {
  invalidConfig,
  invalidRequest,
  noError,
  refuseOtherNode,
  refuseUnauthorized,
  resourceKind
} from "./ConfigResource.ts"
import type { ResourceError, ResourceKind } from "./ConfigResource.ts"

/** One resource of either request; `operation` is undefined when the number is none of AlterConfigOp.OpType. */
export interface ResourceToAlter {
  readonly resourceType: number
  readonly resourceName: string
  readonly changes: ReadonlyArray<{
    readonly name: string
    readonly operation: ConfigChange["operation"] | undefined
    readonly value: string | null
  }>
}

/** Whether all configs of a resource are replaced (`full`) or those named, and whether anything is done. */
export interface AlterOptions {
  readonly mode: "incremental" | "full"
  readonly validateOnly: boolean
}

type Changes = ConfigResourceChange["changes"]

/** What both APIs refuse before they look at the type. */
const refuseMalformed = (resource: ResourceToAlter): ResourceError | undefined => {
  const { changes } = resource
  if (new Set(changes.map(({ name }) => name)).size !== changes.length) {
    return invalidRequest("Error due to duplicate config keys")
  }
  const empty = changes.filter(({ operation, value }) => operation !== "DELETE" && value === null)
  if (empty.length > 0) {
    return invalidRequest(`Null value not supported for : ${empty.map(({ name }) => name).join(", ")}`)
  }
  return changes.every(({ operation }) => operation !== undefined)
    ? undefined
    : invalidRequest("Unknown operations type")
}

/** The dynamic configs a broker would have. Source: ConfigAdminManager.prepareIncrementalConfigs. */
const applyToBroker = (
  before: ReadonlyMap<string, string>,
  changes: Changes
): ReadonlyMap<string, string> | ResourceError => {
  const after = new Map(before)
  for (const { name, operation, value } of changes) {
    if (operation === "SET") after.set(name, value ?? "")
    else if (operation === "DELETE") after.delete(name)
    else {
      const key = dynamicBrokerConfigDef.keys.get(name)
      if (key === undefined) return invalidConfig(`Unknown config name: ${name}`)
      if (key.type !== "LIST") {
        return invalidConfig(`Config value ${operation.toLowerCase()} is not allowed for config key: ${name}`)
      }
      const old = (after.get(name) ?? key.defaultText ?? "").split(",").filter((part) => part !== "")
      const given = (value ?? "").split(",")
      const list = operation === "APPEND"
        ? [...old, ...given.filter((part) => !old.includes(part))]
        : old.filter((part) => !given.includes(part))
      after.set(name, list.join(","))
    }
  }
  return after
}

/** Resources that share type and name with another one. */
const repeatedResources = (resources: ReadonlyArray<ResourceToAlter>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const resource of resources) {
    const key = identity(resource)
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
  }
  return repeated
}

const identity = (resource: ResourceToAlter): string => `${resource.resourceType}:${resource.resourceName}`

/** Gives the function that alters resources and answers each in request order. */
export const makeAlterConfigResources = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const controller = yield* Controller
  const metadata = yield* Metadata
  const loggers = yield* BrokerLoggers
  const { nodeId, properties } = yield* BrokerConfig

  const checkBroker = (name: string, changes: Changes, mode: AlterOptions["mode"]): ResourceError | undefined => {
    const wrongNode = name === "" ? undefined : refuseOtherNode(name, nodeId)
    if (wrongNode !== undefined) return wrongNode
    const image = metadata.current()
    const before = mode === "full" ? new Map<string, string>() : image.configs("BROKER", name)
    const after = applyToBroker(before, changes)
    if ("errorCode" in after) return after
    const levels = brokerLevels(image, properties)
    const changed = name === "" ? { ...levels, clusterDefault: after } : { ...levels, broker: after }
    const set = changes.filter(({ operation }) => operation !== "DELETE").map((change) => change.name)
    const problem = validateDynamicBrokerConfigs(after, { isPerBroker: name !== "" }) ??
      validateBrokerReconfiguration(effectiveBrokerProperties(levels), effectiveBrokerProperties(changed)) ??
      refuseWithoutEffect(set)
    return problem === undefined ? undefined : invalidRequest(problem)
  }

  /** An outcome, or undefined when the controller decides. Source: ConfigAdminManager.preprocess. */
  const preprocess = (
    resource: ResourceToAlter,
    kind: ResourceKind | undefined,
    options: AlterOptions,
    context: RequestContext
  ): ResourceError | undefined => {
    const malformed = refuseMalformed(resource)
    if (malformed !== undefined) return malformed
    const changes = resource.changes as Changes
    if (kind === undefined || (kind === "BROKER_LOGGER" && options.mode === "full")) {
      return invalidRequest(`Unknown resource type ${resource.resourceType}`)
    }
    if (kind === "BROKER") return checkBroker(resource.resourceName, changes, options.mode)
    if (kind !== "BROKER_LOGGER") return undefined
    const { principal, clientHost } = context
    return changeLoggers(loggers, resource.resourceName, changes, {
      nodeId,
      validateOnly: options.validateOnly,
      isAuthorized: authorizer.authorize(principal, clientHost, "CLUSTER_ACTION", "CLUSTER", clusterName)
    })
  }

  return Effect.fnUntraced(function*(
    resources: ReadonlyArray<ResourceToAlter>,
    options: AlterOptions,
    context: RequestContext
  ) {
    const repeated = repeatedResources(resources)
    const outcomes: Array<ResourceError> = []
    const undecided: Array<{ readonly index: number; readonly change: ConfigResourceChange }> = []
    resources.forEach((resource, index) => {
      const { resourceName } = resource
      const kind = resourceKind(resource.resourceType)
      const outcome = repeated.has(identity(resource))
        ? invalidRequest("Each resource must appear at most once.")
        : preprocess(resource, kind, options, context) ??
          refuseUnauthorized(authorizer, context, "ALTER_CONFIGS", kind!, resourceName)
      outcomes.push(outcome ?? noError)
      if (outcome === undefined) {
        const change = { type: kind, name: resourceName, changes: resource.changes } as ConfigResourceChange
        undecided.push({ index, change })
      }
    })
    if (undecided.length === 0) return outcomes
    const reply = yield* controller.run({
      _tag: "AlterConfigs",
      ...options,
      resources: undecided.map(({ change }) => change)
    }).pipe(Effect.catch((error) => Effect.succeed({ _tag: "Refused" as const, error })))
    undecided.forEach(({ index }, position) => {
      const error = reply._tag === "Refused" ? reply.error : reply.results[position]
      outcomes[index] = error ?? noError
    })
    return outcomes
  })
})
