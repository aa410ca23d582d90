import { ErrorCode } from "../../../model/ErrorCode.ts"
import { GroupLimits } from "../GroupLimits.ts"
import { Refusal } from "../Refusal.ts"
import { staticLeaveEpoch } from "./ConsumerGroup.ts"
import type { ConsumerHeartbeatRequest } from "./heartbeat.ts"
import { assignors } from "./targetAssignment.ts"

const isBlank = (text: string | null): boolean => text !== null && text.trim() === ""

const invalid = (message: string): Refusal => new Refusal(ErrorCode.INVALID_REQUEST, message)

const invalidJoin = (request: ConsumerHeartbeatRequest): Refusal | undefined => {
  if (request.rebalanceTimeoutMs === -1) return invalid("RebalanceTimeoutMs must be provided in first request.")
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    return invalid("TopicPartitions must be empty when (re-)joining.")
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
  }
  return undefined
}

/**
 * Why a heartbeat cannot be taken, as far as its group need not be known, in Kafka's order and words; version 1 clients make their member id themselves.
 * Source: GroupCoordinatorService.throwIfConsumerGroupHeartbeatRequestIsInvalid.
 */
export const validateHeartbeat = (request: ConsumerHeartbeatRequest, apiVersion: number): Refusal | undefined => {
  const { instanceId, memberEpoch, memberId, rackId, serverAssignor } = request
  if ((apiVersion >= 1 || memberEpoch > 0 || memberEpoch === -1) && isBlank(memberId)) {
    return invalid("MemberId can't be empty.")
  }
  if (isBlank(request.groupId)) return invalid("GroupId can't be empty.")
  if (isBlank(instanceId)) return invalid("InstanceId can't be empty.")
  if (isBlank(rackId)) return invalid("RackId can't be empty.")
  if (memberEpoch === 0) {
    const refusal = invalidJoin(request)
    if (refusal !== undefined) return refusal
  } else if (memberEpoch === staticLeaveEpoch && instanceId === null) return invalid("InstanceId can't be null.")
  else if (memberEpoch < staticLeaveEpoch) return invalid("MemberEpoch is invalid.")
  for (const id of [memberId, instanceId, rackId]) {
    if ((id?.length ?? 0) > GroupLimits.idLengthMax) return invalid("An id is too long.")
  }
  if (serverAssignor !== null && !assignors.has(serverAssignor)) {
    const names = [...assignors.keys()].join(", ")
    return new Refusal(
      ErrorCode.UNSUPPORTED_ASSIGNOR,
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${names}.`
    )
  }
  return undefined
}
