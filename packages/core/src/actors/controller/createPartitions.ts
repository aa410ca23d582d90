import { Result } from "effect"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { MetadataImage, TopicImage } from "../../metadata/MetadataImage.ts"
import { type MetadataRecord, newPartition } from "../../metadata/MetadataRecord.ts"
import type { CreatePartitionsRequest, CreatePartitionsResponse } from "../../protocol/apis/CreatePartitions.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { activeReplicas, allReplicasFenced, checkManualAssignment } from "./manualAssignment.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"
import { directoriesOf, placeReplicas } from "./placeReplicas.ts"

type CreatePartitionsTopic = CreatePartitionsRequest["topics"][number]

/** What CreatePartitions decides on. */
export interface CreatePartitionsCommand {
  /** Without duplicates and unauthorized ones; the handler answers those. */
  readonly topics: ReadonlyArray<CreatePartitionsTopic>
  readonly validateOnly: boolean
  readonly placementSeed: number
}

/** One result for each topic, in order; or the one refusal of the whole request. */
export type CreatePartitionsReply =
  | { readonly _tag: "Results"; readonly results: CreatePartitionsResponse["results"] }
  | { readonly _tag: "Refused"; readonly error: OperationError }

/** Decides CreatePartitions. Source: ReplicationControlManager.createPartitions. */
export const decideCreatePartitions = (
  image: MetadataImage,
  command: CreatePartitionsCommand
): ControllerDecision<CreatePartitionsReply> => {
  const records: Array<MetadataRecord> = []
  const results: Array<CreatePartitionsResponse["results"][number]> = []
  for (const topic of command.topics) {
    const existing = image.topic(topic.name)
    const room = ControllerLimits.recordsPerRequestMax - records.length
    if (existing !== undefined && topic.count - existing.partitions.length > room) {
      const message = "Unable to perform excessively large batch operation."
      return {
        records: [],
        reply: { _tag: "Refused", error: operationError(ErrorCode.POLICY_VIOLATION, message) }
      }
    }
    const decided = existing === undefined
      ? Result.fail(operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null))
      : decideTopic(image, command, topic, existing)
    if (Result.isFailure(decided)) {
      results.push({ name: topic.name, ...decided.failure })
      continue
    }
    records.push(...decided.success)
    results.push({ name: topic.name, errorCode: ErrorCode.NONE, errorMessage: null })
  }
  return { records: command.validateOnly ? [] : records, reply: { _tag: "Results", results } }
}

const decideTopic = (
  image: MetadataImage,
  command: CreatePartitionsCommand,
  topic: CreatePartitionsTopic,
  existing: TopicImage
): Result.Result<ReadonlyArray<MetadataRecord>, OperationError> => {
  const current = existing.partitions.length
  const additional = topic.count - current
  if (additional === 0) {
    return Result.fail(
      operationError(ErrorCode.INVALID_PARTITIONS, `Topic already has ${current} partition(s).`)
    )
  }
  if (additional < 0) {
    return Result.fail(operationError(
      ErrorCode.INVALID_PARTITIONS,
      `The topic ${topic.name} currently has ${current} partition(s); ${topic.count} would not be an increase.`
    ))
  }
  const replicationFactor = existing.partitions[0]?.replicas.length ?? 1
  const replicas = topic.assignments === null
    ? placed(image, additional, replicationFactor, command.placementSeed)
    : assigned(image, topic.assignments, additional, replicationFactor, current)
  return Result.map(replicas, (partitions) =>
    partitions.map((each, i) =>
      newPartition({
        topicId: existing.id,
        partitionId: current + i,
        replicas: each,
        isr: activeReplicas(image, each),
        directories: directoriesOf(image, each)
      })
    ))
}

const placed = (image: MetadataImage, partitionCount: number, replicationFactor: number, seed: number) =>
  Result.mapError(
    placeReplicas(image, { partitionCount, replicationFactor, seed }),
    (message) => operationError(ErrorCode.INVALID_REPLICATION_FACTOR, message)
  )

const assigned = (
  image: MetadataImage,
  assignments: NonNullable<CreatePartitionsTopic["assignments"]>,
  additional: number,
  replicationFactor: number,
  firstPartition: number
): Result.Result<ReadonlyArray<ReadonlyArray<number>>, OperationError> => {
  if (assignments.length !== additional) {
    return Result.fail(operationError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were ` +
        "specified."
    ))
  }
  for (const [i, { brokerIds }] of assignments.entries()) {
    const refusal = checkManualAssignment(image, brokerIds, replicationFactor) ??
      (activeReplicas(image, brokerIds).length === 0 ? allReplicasFenced(firstPartition + i) : undefined)
    if (refusal !== undefined) return Result.fail(refusal)
  }
  return Result.succeed(assignments.map(({ brokerIds }) => brokerIds))
}
