import { ErrorCode } from "../../model/ErrorCode.ts"
import { type ConfigResourceType, configResourceTypeIds, type MetadataImage } from "../../metadata/MetadataImage.ts"
import type { MetadataRecord, MetadataRecordOf } from "../../metadata/MetadataRecord.ts"
import type { ConfigRulesShape } from "../../config/ConfigRules.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { clearEligibleLeaders, refuseMinInsyncReplicas } from "./eligibleLeaderReplicas.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"

/** Source: AlterConfigOp.OpType. */
export type ConfigOperation = "SET" | "DELETE" | "APPEND" | "SUBTRACT"

/** A change of one config key. */
export interface ConfigChange {
  readonly name: string
  readonly operation: ConfigOperation
  /** Ignored by DELETE. */
  readonly value: string | null
}

/** The changes asked of one resource; all of them are made or none. */
export interface ConfigResourceChange {
  readonly type: ConfigResourceType
  /** Empty for the cluster-wide broker default. */
  readonly name: string
  readonly changes: ReadonlyArray<ConfigChange>
}

/** What AlterConfigs and IncrementalAlterConfigs decide on. */
export interface AlterConfigsCommand {
  readonly resources: ReadonlyArray<ConfigResourceChange>
  /** `full` also removes every key that is not mentioned, as the old AlterConfigs does. */
  readonly mode: "incremental" | "full"
  readonly validateOnly: boolean
}

/** One outcome for each resource in order, undefined when it is changed; or the one refusal of the whole request. */
export type AlterConfigsReply =
  | { readonly _tag: "Results"; readonly results: ReadonlyArray<OperationError | undefined> }
  | { readonly _tag: "Refused"; readonly error: OperationError }

/** Decides config changes. Source: ConfigurationControlManager.incrementalAlterConfigs and legacyAlterConfigs. */
export const decideAlterConfigs = (
  image: MetadataImage,
  command: AlterConfigsCommand,
  rules: ConfigRulesShape
): ControllerDecision<AlterConfigsReply> => {
  const records: Array<MetadataRecord> = []
  const results: Array<OperationError | undefined> = []
  for (const resource of command.resources) {
    const decided = decideResource(image, command, resource, rules)
    if (!Array.isArray(decided)) {
      results.push(decided as OperationError)
      continue
    }
    records.push(...decided)
    results.push(undefined)
  }
  records.push(...clearEligibleLeaders(image, records))
  if (records.length > ControllerLimits.recordsPerRequestMax) {
    const message = "Unable to perform excessively large batch operation."
    return { records: [], reply: { _tag: "Refused", error: operationError(ErrorCode.POLICY_VIOLATION, message) } }
  }
  return { records: command.validateOnly ? [] : records, reply: { _tag: "Results", results } }
}

const decideResource = (
  image: MetadataImage,
  command: AlterConfigsCommand,
  resource: ConfigResourceChange,
  rules: ConfigRulesShape
): ReadonlyArray<MetadataRecordOf<"Config">> | OperationError => {
  const current = image.configs(resource.type, resource.name)
  const after = new Map(current)
  const records: Array<MetadataRecordOf<"Config">> = []
  const change = (name: string, value: string | null): void => {
    // Broker configs are written even when unchanged, so that brokers read the files they name again (KAFKA-14136).
    if ((current.get(name) ?? null) === value && resource.type !== "BROKER") return
    if (value === null) after.delete(name)
    else after.set(name, value)
    records.push({
      _tag: "Config",
      resourceType: configResourceTypeIds[resource.type],
      resourceName: resource.name,
      name,
      value
    })
  }
  for (const each of resource.changes) {
    const value = newValue(rules, resource.type, current.get(each.name) ?? null, each)
    if (typeof value === "object" && value !== null) return value
    change(each.name, value)
  }
  if (command.mode === "full") {
    const mentioned = new Set(resource.changes.map(({ name }) => name))
    for (const name of current.keys()) if (!mentioned.has(name)) change(name, null)
  }
  for (const record of records) {
    const refused = refuseMinInsyncReplicas(image, record)
    if (refused !== undefined) return refused
  }
  return rules.validate(resource.type, resource.name, after, current) ??
    checkExistence(image, resource) ??
    records
}

const newValue = (
  rules: ConfigRulesShape,
  type: ConfigResourceType,
  current: string | null,
  change: ConfigChange
): string | null | OperationError => {
  const { name, operation, value } = change
  if (operation === "SET") return value
  if (operation === "DELETE") return null
  if (!rules.isList(type, name)) {
    return operationError(
      ErrorCode.INVALID_CONFIG,
      `Can't ${operation} to key ${name} because its type is not LIST.`
    )
  }
  const before = (current ?? rules.defaultOf(type, name) ?? "").split(",").filter((part) => part !== "")
  const given = (value ?? "").split(",")
  if (operation === "APPEND") return Array.from(new Set([...before, ...given])).join(",")
  for (const part of given) {
    const at = before.indexOf(part)
    if (at >= 0) before.splice(at, 1)
  }
  return before.join(",")
}

/** Source: QuorumController.ConfigResourceExistenceChecker. */
const checkExistence = (image: MetadataImage, resource: ConfigResourceChange): OperationError | undefined => {
  if (resource.type === "TOPIC" && image.topic(resource.name) === undefined) {
    return operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${resource.name}' does not exist.`)
  }
  if (resource.type === "BROKER" && resource.name !== "") {
    if (!/^[+-]?\d+$/.test(resource.name)) {
      return operationError(ErrorCode.INVALID_REQUEST, `Invalid broker name ${resource.name}`)
    }
    const id = Number(resource.name)
    if (image.broker(id) === undefined && image.controllerId !== id) {
      return operationError(ErrorCode.BROKER_ID_NOT_REGISTERED, `No node with id ${id} found.`)
    }
  }
  return undefined
}
