/**
 * ConsumerGroupHeartbeat 0-1 (KIP-848; version 1: the client makes its member id, subscriptions by regular expression).
 * Answered without a fiber.
 *
 * Source: KafkaApis.handleConsumerGroupHeartbeat.
 */
import { Effect } from "effect"
import { directHandler } from "../actors/connection/Handler.ts"
import { heartbeatRefusal } from "../actors/group-coordinator/consumer/heartbeat.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { Refusal } from "../actors/group-coordinator/Refusal.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { ConsumerGroupHeartbeat } from "../protocol/apis/ConsumerGroupHeartbeat.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

export const makeConsumerGroupHeartbeat = Effect.gen(function*() {
  const coordinator = yield* GroupCoordinator
  const { group } = yield* BrokerConfig
  const { mayGroup, mayTopic } = yield* groupPermissions
  const isEnabled = group.rebalanceProtocols.some((protocol) => protocol.toLowerCase() === "consumer")
  // Refusals that come before the coordinator carry no message. Source: ConsumerGroupHeartbeatRequest.getErrorResponse.
  const refused = (errorCode: ErrorCode) => ({ ...heartbeatRefusal(new Refusal(errorCode, "")), errorMessage: null })
  return directHandler(ConsumerGroupHeartbeat, (request, context, reply) => {
    if (!isEnabled) return reply(refused(ErrorCode.UNSUPPORTED_VERSION))
    if (!mayGroup(context, "READ", request.groupId)) return reply(refused(ErrorCode.GROUP_AUTHORIZATION_FAILED))
    const mayDescribe = (topic: string): boolean => mayTopic(context, "DESCRIBE", topic)
    if (request.subscribedTopicNames?.every(mayDescribe) === false) {
      return reply(refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED))
    }
    coordinator.consumerGroupHeartbeatDirect(request, context, mayDescribe, reply)
  })
})
