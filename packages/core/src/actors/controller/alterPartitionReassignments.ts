import type { MetadataImage, PartitionImage, TopicImage } from "../../metadata/MetadataImage.ts"
import { partitionChange, type PartitionChangeRecord } from "../../metadata/MetadataRecord.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse
} from "../../protocol/apis/AlterPartitionReassignments.ts"
import type { ControllerDecision } from "./Controller.ts"
import { ControllerLimits } from "./ControllerLimits.ts"
import { checkManualAssignment } from "./manualAssignment.ts"
import { directoriesOf } from "./placeReplicas.ts"

type Target = AlterPartitionReassignmentsRequest["topics"][number]["partitions"][number]
/** One outcome for each partition, by topic, in order. */
export type AlterPartitionReassignmentsReply = AlterPartitionReassignmentsResponse["responses"]
type Outcome =
  | { readonly _tag: "Moved"; readonly record: PartitionChangeRecord | undefined }
  | { readonly _tag: "Refused"; readonly error: OperationError }

/** What AlterPartitionReassignments decides on. */
export type AlterPartitionReassignmentsCommand = Pick<
  AlterPartitionReassignmentsRequest,
  "allowReplicationFactorChange" | "topics"
>

/**
 * Decides AlterPartitionReassignments. With one broker alive a partition can only shed replicas, or list them in another
 * order; both are done at once, so no reassignment is ever under way.
 * Source: ReplicationControlManager.alterPartitionReassignments.
 */
export const decideAlterPartitionReassignments = (
  image: MetadataImage,
  command: AlterPartitionReassignmentsCommand
): ControllerDecision<AlterPartitionReassignmentsReply> => {
  const records: Array<PartitionChangeRecord> = []
  const reply = command.topics.map(({ name, partitions }) => {
    const topic = image.topic(name)
    return {
      name,
      partitions: partitions.map((target) => {
        const outcome = topic === undefined
          ? refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${name}.`)
          : decidePartition(image, command, topic, target, records.length)
        if (outcome._tag === "Moved" && outcome.record !== undefined) records.push(outcome.record)
        return {
          partitionIndex: target.partitionIndex,
          ...(outcome._tag === "Refused" ? outcome.error : { errorCode: ErrorCode.NONE, errorMessage: null })
        }
      })
    }
  })
  return { records, reply }
}

const refused = (code: ErrorCode, message: string | null): Outcome => ({
  _tag: "Refused",
  error: operationError(code, message)
})

const decidePartition = (
  image: MetadataImage,
  command: AlterPartitionReassignmentsCommand,
  topic: TopicImage,
  { partitionIndex, replicas }: Target,
  recordCount: number
): Outcome => {
  const partition = topic.partitions[partitionIndex]
  if (partition === undefined) {
    return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find partition ${topic.name}:${partitionIndex}.`)
  }
  if (replicas === null) return refused(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, null)
  const error = checkManualAssignment(image, replicas, undefined)
  if (error !== undefined) return { _tag: "Refused", error }
  const current = partition.replicas
  if (!command.allowReplicationFactorChange && replicas.length !== current.length) {
    return refused(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `The replication factor is changed from ${current.length} to ${replicas.length}`
    )
  }
  if (replicas.length === current.length && replicas.every((id, i) => id === current[i])) {
    return { _tag: "Moved", record: undefined }
  }
  if (!replicas.every((id) => current.includes(id)) || !partition.isr.some((id) => replicas.includes(id))) {
    return refused(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Partition ${topic.name}:${partitionIndex} cannot be copied to other brokers: none is alive.`
    )
  }
  if (recordCount >= ControllerLimits.recordsPerRequestMax) {
    return refused(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")
  }
  return { _tag: "Moved", record: changeReplicas(image, topic, partition, replicas) }
}

/** The leader epoch rises when a replica goes. Source: PartitionChangeBuilder. */
const changeReplicas = (
  image: MetadataImage,
  topic: TopicImage,
  partition: PartitionImage,
  replicas: ReadonlyArray<number>
): PartitionChangeRecord => {
  const isr = partition.isr.filter((id) => replicas.includes(id))
  const shed = replicas.length < partition.replicas.length
  return partitionChange({
    topicId: topic.id,
    partitionId: partition.partition,
    replicas,
    directories: directoriesOf(image, replicas),
    ...(isr.length === partition.isr.length ? {} : { isr }),
    ...(shed ? { leader: replicas.includes(partition.leader) ? partition.leader : isr[0]! } : {})
  })
}
