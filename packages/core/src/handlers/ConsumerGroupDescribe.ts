/**
 * ConsumerGroupDescribe 0-1 (KIP-848; version 1: which protocol a member speaks). A group with topics that the client
 * may not describe is not shown.
 *
 * Source: KafkaApis.handleConsumerGroupDescribe.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { type ConsumerDescription, noConsumerGroup } from "../actors/group-coordinator/consumer/describe.ts"
import { type Described, GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ConsumerGroupDescribe } from "../protocol/apis/ConsumerGroupDescribe.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { authorizedOperations, operationsNotRequested } from "./authorizedOperations.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

const refused = (
  groupId: string,
  errorCode: ErrorCode,
  errorMessage: string | null
): Described<ConsumerDescription> => ({ ...noConsumerGroup(groupId), errorCode, errorMessage })

const topicsOf = (group: ConsumerDescription): ReadonlySet<string> =>
  new Set(group.members.flatMap((member) => [
    ...member.subscribedTopicNames,
    ...member.assignment.topicPartitions.map((topic) => topic.topicName),
    ...member.targetAssignment.topicPartitions.map((topic) => topic.topicName)
  ]))

export const makeConsumerGroupDescribe = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const coordinator = yield* GroupCoordinator
  const { group } = yield* BrokerConfig
  const { mayGroup, mayTopic } = yield* groupPermissions
  const isEnabled = group.rebalanceProtocols.some((protocol) => protocol.toLowerCase() === "consumer")
  return effectHandler(
    ConsumerGroupDescribe,
    Effect.fnUntraced(function*(request, context) {
      const describe = Effect.fnUntraced(function*(groupId: string) {
        if (!isEnabled) return refused(groupId, ErrorCode.UNSUPPORTED_VERSION, null)
        if (!mayGroup(context, "DESCRIBE", groupId)) return refused(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED, null)
        if (groupId === "") return refused(groupId, ErrorCode.INVALID_GROUP_ID, null)
        const described = yield* coordinator.describeConsumer(groupId)
        if ([...topicsOf(described)].every((topic) => mayTopic(context, "DESCRIBE", topic))) return described
        return refused(
          groupId,
          ErrorCode.TOPIC_AUTHORIZATION_FAILED,
          "The described group uses topics that the client is not authorized to describe."
        )
      })
      const groups = yield* Effect.forEach(
        request.groupIds,
        Effect.fnUntraced(function*(groupId) {
          const described = yield* describe(groupId)
          return {
            ...described,
            authorizedOperations: request.includeAuthorizedOperations && described.errorCode === ErrorCode.NONE
              ? authorizedOperations(authorizer, context, "GROUP", groupId)
              : operationsNotRequested
          }
        })
      )
      return { groups }
    })
  )
})
