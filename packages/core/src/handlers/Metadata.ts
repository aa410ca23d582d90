/**
 * Metadata 0-13. A topic that has to be made is answered with error 3 at once and made behind the answer, as Kafka
 * does: clients ask again. When nothing can be created any more, the controller's error is the answer.
 *
 * Deliberate difference: topics are answered in the order asked, where Kafka's order is that of a hash table.
 * Source: KafkaApis.handleTopicMetadataRequest, AutoTopicCreationManager.createTopics.
 */
import { Effect, FiberSet } from "effect"
import { directHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { Controller } from "../actors/controller/Controller.ts"
import { automaticTopic, makeTopicCreation } from "../actors/controller/TopicCreation.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata as MetadataService } from "../metadata/Metadata.ts"
import type { MetadataImage, TopicImage } from "../metadata/MetadataImage.ts"
import { TopicName } from "../metadata/TopicName.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import { Metadata, type MetadataRequest, type MetadataResponseInput } from "../protocol/apis/Metadata.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { authorizedOperations, operationsNotRequested } from "./authorizedOperations.ts"
import { describePartition } from "./describePartition.ts"
import { livingBrokers } from "./livingBrokers.ts"

type TopicAnswer = MetadataResponseInput["topics"][number]

export const makeMetadata = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const metadata = yield* MetadataService
  const config = yield* BrokerConfig
  const controller = yield* Controller
  const create = yield* makeTopicCreation
  const run = yield* FiberSet.makeRuntime()
  /** Names being made, so that clients asking again do not ask the controller again. */
  const inFlight = new Set<string>()

  const createBehind = (name: string): void => {
    if (inFlight.has(name)) return
    inFlight.add(name)
    const brokerCount = metadata.current().brokers().length
    run(
      create({
        topics: [automaticTopic(name, config, brokerCount)],
        validateOnly: false,
        describable: []
      }).pipe(Effect.ensuring(Effect.sync(() => inFlight.delete(name))))
    )
  }

  return directHandler(Metadata, (request, context, reply) => {
    if (hasForbiddenTopic(request, context.apiVersion)) return reply(refusal(request, ErrorCode.INVALID_REQUEST))
    if (hasNamelessTopic(request)) {
      return reply({
        ...refusal(request, ErrorCode.UNKNOWN_SERVER_ERROR),
        errorCode: ErrorCode.UNKNOWN_SERVER_ERROR
      })
    }
    const image = metadata.current()
    const may = (operation: "DESCRIBE" | "CREATE", name: string): boolean =>
      authorizer.authorize(context.principal, context.clientHost, operation, "TOPIC", name)
    const mayCreate = (name: string): boolean =>
      authorizer.authorize(context.principal, context.clientHost, "CREATE", "CLUSTER", clusterName) ||
      may("CREATE", name)
    const known = (topic: TopicImage): TopicAnswer => ({
      ...describeTopic(image, topic, context.apiVersion),
      topicAuthorizedOperations: request.includeTopicAuthorizedOperations
        ? authorizedOperations(authorizer, context, "TOPIC", topic.name)
        : operationsNotRequested
    })
    const byName = (name: string): TopicAnswer => {
      if (!may("DESCRIBE", name)) return failed(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED, false)
      const topic = image.topic(name)
      if (topic !== undefined) return known(topic)
      const creating = config.autoCreateTopicsEnable && request.allowAutoTopicCreation
      if (creating && !mayCreate(name)) return failed(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      const operations = request.includeTopicAuthorizedOperations
        ? { topicAuthorizedOperations: authorizedOperations(authorizer, context, "TOPIC", name) }
        : {}
      if (TopicName.validate(name) !== undefined) {
        return { ...failed(name, ErrorCode.INVALID_TOPIC_EXCEPTION), ...operations }
      }
      const refused = creating ? controller.refusal() : undefined
      if (refused !== undefined) return { ...failed(name, refused.errorCode), ...operations }
      if (creating) createBehind(name)
      return { ...failed(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), ...operations }
    }
    const byId = (topicId: Uuid): TopicAnswer => {
      const topic = image.topicById(topicId)
      if (topic === undefined) return failed(null, ErrorCode.UNKNOWN_TOPIC_ID, false, topicId)
      return may("DESCRIBE", topic.name)
        ? known(topic)
        : failed(null, ErrorCode.TOPIC_AUTHORIZATION_FAILED, false, topicId)
    }
    reply({
      brokers: livingBrokers(image, context).map(({ host, id, port, rack }) => ({ nodeId: id, host, port, rack })),
      clusterId: image.clusterId,
      controllerId: image.controllerId,
      topics: answerTopics(request, context, image, {
        byName,
        byId,
        known: (topic) => may("DESCRIBE", topic.name) ? known(topic) : undefined
      }),
      clusterAuthorizedOperations: clusterOperations(authorizer, request, context),
      errorCode: ErrorCode.NONE
    })
  })
})

/** Names may be null and ids given from version 12 on; versions 10 and 11 only carry the fields. */
const hasForbiddenTopic = (request: MetadataRequest, apiVersion: number): boolean =>
  apiVersion < 12 &&
  (request.topics ?? []).some((topic) => topic.name === null || topic.topicId !== Uuid.zero)

/** Neither a name nor, anywhere in the request, an id: Kafka fails on that with an unknown error. */
const hasNamelessTopic = (request: MetadataRequest): boolean =>
  request.topics !== null &&
  request.topics.some((topic) => topic.name === null) &&
  request.topics.every((topic) => topic.topicId === Uuid.zero)

const refusal = (request: MetadataRequest, errorCode: ErrorCode): MetadataResponseInput => ({
  brokers: [],
  topics: (request.topics ?? []).map(({ name, topicId }) => failed(name ?? "", errorCode, false, topicId)),
  errorCode: ErrorCode.NONE
})

const answerTopics = (
  request: MetadataRequest,
  context: RequestContext,
  image: MetadataImage,
  answer: {
    readonly byName: (name: string) => TopicAnswer
    readonly byId: (id: Uuid) => TopicAnswer
    readonly known: (topic: TopicImage) => TopicAnswer | undefined
  }
): ReadonlyArray<TopicAnswer> => {
  if (request.topics === null || (context.apiVersion === 0 && request.topics.length === 0)) {
    return image.topics().flatMap((topic) => answer.known(topic) ?? [])
  }
  const ids = new Set(request.topics.map(({ topicId }) => topicId).filter((id) => id !== Uuid.zero))
  if (ids.size > 0) return Array.from(ids, answer.byId)
  return Array.from(new Set(request.topics.map(({ name }) => name ?? "")), answer.byName)
}

const describeTopic = (image: MetadataImage, topic: TopicImage, apiVersion: number): TopicAnswer => ({
  errorCode: ErrorCode.NONE,
  name: topic.name,
  topicId: topic.id,
  isInternal: TopicName.isInternal(topic.name),
  partitions: topic.partitions.map((partition) => describePartition(image, partition, apiVersion === 0))
})

const failed = (
  name: string | null,
  errorCode: ErrorCode,
  isInternal = name !== null && TopicName.isInternal(name),
  topicId: Uuid = Uuid.zero
): TopicAnswer => ({ errorCode, name, topicId, isInternal, partitions: [] })

const clusterOperations = (
  authorizer: Authorizer["Service"],
  request: MetadataRequest,
  context: RequestContext
): number => {
  if (!request.includeClusterAuthorizedOperations) return operationsNotRequested
  return authorizer.authorize(context.principal, context.clientHost, "DESCRIBE", "CLUSTER", clusterName)
    ? authorizedOperations(authorizer, context, "CLUSTER", clusterName)
    : 0
}
