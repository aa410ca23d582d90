import { Result } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { Uuid } from "../../model/Uuid.ts"
import { configResourceTypeIds, type MetadataImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import { TopicName } from "../../metadata/TopicName.ts"
import type { CreateTopicsRequest, CreateTopicsResponse } from "../../protocol/apis/CreateTopics.ts"
import type { ConfigRulesShape } from "../../config/ConfigRules.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { activeReplicas, allReplicasFenced, checkManualAssignment } from "./manualAssignment.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"
import { directoriesOf, placeReplicas } from "./placeReplicas.ts"

/** A topic of a CreateTopics request. */
export type CreatableTopic = CreateTopicsRequest["topics"][number]
/** A topic of a CreateTopics response. */
export type CreatableTopicResult = CreateTopicsResponse["topics"][number]

/** What CreateTopics decides on; all that is random or configured comes from outside. */
export interface CreateTopicsCommand {
  /** Without duplicates and unauthorized ones; the handler answers those. */
  readonly topics: ReadonlyArray<CreatableTopic>
  readonly validateOnly: boolean
  /** Names whose configs may be shown. */
  readonly describable: ReadonlyArray<string>
  /** One new random id for each topic. */
  readonly topicIds: ReadonlyArray<Uuid>
  readonly placementSeed: number
  readonly defaultPartitionCount: number
  readonly defaultReplicationFactor: number
}

/** One result for each topic, in order; or the one refusal of the whole request. */
export type CreateTopicsReply =
  | { readonly _tag: "Results"; readonly topics: ReadonlyArray<CreatableTopicResult> }
  | { readonly _tag: "Refused"; readonly error: OperationError }

interface Assignment {
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
}

const fail = (code: ErrorCode, message: string): Result.Result<never, OperationError> =>
  Result.fail(operationError(code, message))

/**
 * Decides CreateTopics: names, collisions, configs, then partitions, replication factor or assignments, in Kafka's
 * order. Deliberate difference: assignments together with a partition count or replication factor answer
 * INVALID_REPLICA_ASSIGNMENT, where Kafka answers INVALID_REQUEST. Source: ReplicationControlManager.createTopics.
 */
export const decideCreateTopics = (
  image: MetadataImage,
  command: CreateTopicsCommand,
  rules: ConfigRulesShape
): ControllerDecision<CreateTopicsReply> => {
  if (partitionTotal(command) > ControllerLimits.partitionsPerRequestMax) {
    return refused("Excessively large number of partitions per request.")
  }
  const records: Array<MetadataRecord> = []
  const results: Array<CreatableTopicResult> = []
  for (const [index, topic] of command.topics.entries()) {
    const decided = decideTopic(image, command, topic, rules)
    if (Result.isFailure(decided)) {
      results.push(failedTopic(topic.name, decided.failure))
      continue
    }
    const topicId = command.topicIds[index]!
    records.push(...topicRecords(image, topic, topicId, decided.success))
    if (records.length > ControllerLimits.recordsPerRequestMax) {
      return refused("Unable to perform excessively large batch operation.")
    }
    const isDescribed = command.describable.includes(topic.name)
    results.push(
      createdTopic(
        topic,
        topicId,
        decided.success,
        isDescribed ? rules.effectiveTopicConfigs(image, configsOf(topic)) : undefined
      )
    )
  }
  return { records: command.validateOnly ? [] : records, reply: { _tag: "Results", topics: results } }
}

const refused = (message: string): ControllerDecision<CreateTopicsReply> => ({
  records: [],
  reply: { _tag: "Refused", error: operationError(ErrorCode.POLICY_VIOLATION, message) }
})

/** Source: ReplicationControlManager.validateTotalNumberOfPartitions. */
const partitionTotal = (command: CreateTopicsCommand): number => {
  let total = 0
  for (const topic of command.topics) {
    if (topic.assignments.length > 0) total += topic.assignments.length
    else if (topic.numPartitions === -1) total += command.defaultPartitionCount
    else total += Math.max(0, topic.numPartitions)
  }
  return total
}

const decideTopic = (
  image: MetadataImage,
  command: CreateTopicsCommand,
  topic: CreatableTopic,
  rules: ConfigRulesShape
): Result.Result<ReadonlyArray<Assignment>, OperationError> => {
  const refusal = checkName(image, topic.name) ?? checkConfigs(rules, topic)
  if (refusal !== undefined) return Result.fail(refusal)
  return topic.assignments.length > 0
    ? manualAssignments(image, topic)
    : automaticAssignments(image, command, topic)
}

const checkName = (image: MetadataImage, name: string): OperationError | undefined => {
  if (image.topic(name) !== undefined) {
    return operationError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  }
  const colliding = image.collidingTopic(name)
  if (colliding !== undefined) {
    return operationError(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `Topic '${name}' collides with existing topic: ${colliding}`
    )
  }
  const invalid = TopicName.validate(name)
  return invalid === undefined ? undefined : operationError(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid)
}

const checkConfigs = (rules: ConfigRulesShape, topic: CreatableTopic): OperationError | undefined => {
  const nulls = topic.configs.filter((config) => config.value === null).map((config) => config.name)
  if (nulls.length > 0) {
    return operationError(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${nulls.join(",")}`)
  }
  if (topic.configs.length === 0) return undefined
  return rules.validate("TOPIC", topic.name, configsOf(topic), new Map())
}

/** The last of repeated keys wins. */
const configsOf = (topic: CreatableTopic): ReadonlyMap<string, string> =>
  new Map(topic.configs.map(({ name, value }) => [name, value ?? ""]))

const manualAssignments = (
  image: MetadataImage,
  topic: CreatableTopic
): Result.Result<ReadonlyArray<Assignment>, OperationError> => {
  const what = "A manual partition assignment was specified, but"
  if (topic.replicationFactor !== -1) {
    return fail(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `${what} replication factor was not set to -1.`)
  }
  if (topic.numPartitions !== -1) {
    return fail(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `${what} numPartitions was not set to -1.`)
  }
  const byIndex = new Map<number, Assignment>()
  let replicationFactor: number | undefined
  for (const { brokerIds: replicas, partitionIndex } of topic.assignments) {
    if (byIndex.has(partitionIndex)) {
      return fail(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`
      )
    }
    const refusal = checkManualAssignment(image, replicas, replicationFactor)
    if (refusal !== undefined) return Result.fail(refusal)
    replicationFactor = replicas.length
    const isr = activeReplicas(image, replicas)
    if (isr.length === 0) return Result.fail(allReplicasFenced(partitionIndex))
    byIndex.set(partitionIndex, { replicas, isr })
  }
  const assignments: Array<Assignment> = []
  for (let i = 0; i < byIndex.size; i++) {
    const assignment = byIndex.get(i)
    if (assignment === undefined) {
      return fail(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        "partitions should be a consecutive 0-based integer sequence"
      )
    }
    assignments.push(assignment)
  }
  return Result.succeed(assignments)
}

const automaticAssignments = (
  image: MetadataImage,
  command: CreateTopicsCommand,
  topic: CreatableTopic
): Result.Result<ReadonlyArray<Assignment>, OperationError> => {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    return fail(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      "Replication factor must be larger than 0, or -1 to use the default value."
    )
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    return fail(
      ErrorCode.INVALID_PARTITIONS,
      "Number of partitions was set to an invalid non-positive value."
    )
  }
  const replicationFactor = topic.replicationFactor === -1
    ? command.defaultReplicationFactor
    : topic.replicationFactor
  const placed = placeReplicas(image, {
    partitionCount: topic.numPartitions === -1 ? command.defaultPartitionCount : topic.numPartitions,
    replicationFactor,
    seed: command.placementSeed
  })
  if (Result.isFailure(placed)) {
    return fail(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): ${placed.failure}`
    )
  }
  return Result.succeed(placed.success.map((replicas) => ({ replicas, isr: activeReplicas(image, replicas) })))
}

/** In Kafka's order: the topic, its configs, its partitions. */
const topicRecords = (
  image: MetadataImage,
  topic: CreatableTopic,
  topicId: Uuid,
  assignments: ReadonlyArray<Assignment>
): ReadonlyArray<MetadataRecord> => [
  { _tag: "Topic", name: topic.name, topicId },
  ...Array.from(configsOf(topic), ([name, value]): MetadataRecord => ({
    _tag: "Config",
    resourceType: configResourceTypeIds.TOPIC,
    resourceName: topic.name,
    name,
    value
  })),
  ...assignments.map(({ isr, replicas }, partitionId): MetadataRecord =>
    newPartition({ topicId, partitionId, replicas, isr, directories: directoriesOf(image, replicas) })
  )
]

/** `configs`: undefined when the client may not see them. */
const createdTopic = (
  topic: CreatableTopic,
  topicId: Uuid,
  assignments: ReadonlyArray<Assignment>,
  configs: CreatableTopicResult["configs"] | undefined
): CreatableTopicResult => ({
  name: topic.name,
  topicId,
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  topicConfigErrorCode: configs === undefined ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.NONE,
  numPartitions: configs === undefined ? -1 : assignments.length,
  replicationFactor: configs === undefined ? -1 : assignments[0]!.replicas.length,
  configs: configs ?? []
})

/** The result of a topic that was not created. */
export const failedTopic = (name: string, error: OperationError): CreatableTopicResult => ({
  name,
  topicId: Uuid.zero,
  ...error,
  topicConfigErrorCode: ErrorCode.NONE,
  numPartitions: -1,
  replicationFactor: -1,
  configs: []
})
