/**
 * CreateTopics 0-7. Repeated names, the metadata topic and names the client may not create are answered here, after
 * all others; the controller decides the rest, unless the request gives it no time. A creation takes as long as it takes:
 * only a timeout of 0 or less ends it before it begins.
 *
 * Source: ControllerApis.createTopics.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { failedTopic } from "../actors/controller/createTopics.ts"
import { operationError, timedOut } from "../model/OperationError.ts"
import { makeTopicCreation } from "../actors/controller/TopicCreation.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { CreateTopics } from "../protocol/apis/CreateTopics.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { repeatedNames } from "./repeatedNames.ts"

export const makeCreateTopics = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const create = yield* makeTopicCreation
  return effectHandler(
    CreateTopics,
    Effect.fnUntraced(function*(request, { clientHost, principal }) {
      const { repeated, single } = repeatedNames(request.topics.map(({ name }) => name))
      const onCluster = authorizer.authorize(principal, clientHost, "CREATE", "CLUSTER", clusterName)
      const creatable = new Set(
        Array.from(single).filter((name) =>
          name !== TopicName.clusterMetadata &&
          (onCluster || authorizer.authorize(principal, clientHost, "CREATE", "TOPIC", name))
        )
      )
      if (request.timeoutMs <= 0 && creatable.size > 0) {
        return { topics: request.topics.map(({ name }) => failedTopic(name, timedOut)) }
      }
      const reply = yield* create({
        topics: request.topics.filter(({ name }) => creatable.has(name)),
        validateOnly: request.validateOnly,
        describable: Array.from(creatable).filter((name) =>
          authorizer.authorize(principal, clientHost, "DESCRIBE_CONFIGS", "TOPIC", name)
        )
      })
      if (reply._tag === "Refused") {
        return { topics: request.topics.map(({ name }) => failedTopic(name, reply.error)) }
      }
      const refuse = (names: Iterable<string>, code: ErrorCode, message: string) =>
        Array.from(names, (name) => failedTopic(name, operationError(code, message)))
      const refused = Array.from(single).filter((name) => !creatable.has(name))
      const [metadataTopic, unauthorized] = [
        refused.filter((name) => name === TopicName.clusterMetadata),
        refused.filter((name) => name !== TopicName.clusterMetadata)
      ]
      return {
        topics: [
          ...reply.topics,
          ...refuse(repeated, ErrorCode.INVALID_REQUEST, "Duplicate topic name."),
          ...refuse(
            metadataTopic,
            ErrorCode.INVALID_REQUEST,
            `Creation of internal topic ${TopicName.clusterMetadata} is prohibited.`
          ),
          ...refuse(unauthorized, ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Authorization failed.")
        ]
      }
    })
  )
})
