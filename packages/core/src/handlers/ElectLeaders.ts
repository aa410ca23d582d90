/**
 * ElectLeaders 0-2 (KIP-183, KIP-460). No election is ever held: this broker leads what it has a replica of since its
 * start, and no other is alive. So a partition needs no new leader, or there is none for it.
 *
 * Source: ControllerApis.handleElectLeaders, ReplicationControlManager.electLeaders.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { type OperationError, operationError, timedOut } from "../model/OperationError.ts"
import {
  ElectLeaders,
  type ElectLeadersRequest,
  type ElectLeadersResponseInput
} from "../protocol/apis/ElectLeaders.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"

/** Source: ElectionType. */
const electionTypes = ["PREFERRED", "UNCLEAN"] as const
type ElectionType = (typeof electionTypes)[number]

const outcome = (image: MetadataImage, name: string, index: number, election: ElectionType): OperationError => {
  const topic = image.topic(name)
  if (topic === undefined) return operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${name}`)
  const partition = topic.partitions[index]
  if (partition === undefined) {
    return operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${name}-${index}`)
  }
  if (election === "PREFERRED") {
    return operationError(
      partition.leader === partition.replicas[0]
        ? ErrorCode.ELECTION_NOT_NEEDED
        : ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE
    )
  }
  return operationError(
    partition.leader >= 0 ? ErrorCode.ELECTION_NOT_NEEDED : ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE
  )
}

/** The request and each partition that it names get the same error. Source: ElectLeadersRequest.getErrorResponse. */
const refuseAll = (
  { topicPartitions }: ElectLeadersRequest,
  error: OperationError
): ElectLeadersResponseInput => ({
  errorCode: error.errorCode,
  replicaElectionResults: (topicPartitions ?? []).map(({ partitions, topic }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({ partitionId, ...error }))
  }))
})

/** Those that already have the leader they should have are left out. */
const electAll = (image: MetadataImage, election: ElectionType): ElectLeadersResponseInput["replicaElectionResults"] =>
  image.topics().map(({ name, partitions }) => ({
    topic: name,
    partitionResult: partitions
      .map(({ partition }) => ({ partitionId: partition, ...outcome(image, name, partition, election) }))
      .filter(({ errorCode }) => errorCode !== ErrorCode.ELECTION_NOT_NEEDED)
  }))

/** The handler of ElectLeaders. */
export const makeElectLeaders = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const metadata = yield* Metadata
  return directHandler(ElectLeaders, (request, { clientHost, principal }, reply) => {
    if (!authorizer.authorize(principal, clientHost, "ALTER", "CLUSTER", clusterName)) {
      return reply(refuseAll(request, operationError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)))
    }
    const { electionType, timeoutMs, topicPartitions } = request
    if (topicPartitions?.length === 0) return reply({ errorCode: ErrorCode.NONE, replicaElectionResults: [] })
    if (timeoutMs <= 0) return reply(refuseAll(request, timedOut))
    const election = electionTypes[electionType]
    if (election === undefined) {
      const message = `Unknown election type ${electionType}`
      return reply(refuseAll(request, operationError(ErrorCode.INVALID_REQUEST, message)))
    }
    const image = metadata.current()
    reply({
      errorCode: ErrorCode.NONE,
      replicaElectionResults: topicPartitions === null
        ? electAll(image, election)
        : topicPartitions.map(({ partitions, topic }) => ({
          topic,
          partitionResult: partitions.map((partitionId) => ({
            partitionId,
            ...outcome(image, topic, partitionId, election)
          }))
        }))
    })
  })
})
