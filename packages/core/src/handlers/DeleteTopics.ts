/**
 * DeleteTopics 1-6, by name or by id (KIP-516). Answers are shuffled, so that their positions do not tell an absent
 * topic from one the client may not see.
 *
 * Source: ControllerApis.deleteTopics.
 */
import { Effect, Random } from "effect"
import { effectHandler, type RequestContext } from "../actors/connection/Handler.ts"
import { Controller } from "../actors/controller/Controller.ts"
import { type OperationError, operationError, timedOut } from "../model/OperationError.ts"
import { BrokerConfig } from "../config/BrokerConfig.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { Uuid } from "../model/Uuid.ts"
import {
  DeleteTopics,
  type DeleteTopicsRequest,
  type DeleteTopicsResponseInput
} from "../protocol/apis/DeleteTopics.ts"
import { Authorizer, clusterName } from "../security/Authorizer.ts"
import { repeatedNames } from "./repeatedNames.ts"

type Answer = DeleteTopicsResponseInput["responses"][number]

const noError: OperationError = { errorCode: ErrorCode.NONE, errorMessage: null }

const answer = (name: string | null, topicId: Uuid, error: OperationError): Answer => ({ name, topicId, ...error })

const invalid = (message: string): OperationError => operationError(ErrorCode.INVALID_REQUEST, message)

/** The same answer to all, by name before version 6 and by name or id after it. */
const refuseAll = ({ topicNames, topics }: DeleteTopicsRequest, error: OperationError): ReadonlyArray<Answer> => [
  ...topicNames.map((name) => answer(name, Uuid.zero, error)),
  ...topics.map(({ name, topicId }) => answer(name, topicId, error))
]

/** The topics a request names, once each, and the answers to what is wrong with it in itself. */
const readRequest = (request: DeleteTopicsRequest) => {
  const answers: Array<Answer> = []
  const given: Array<string> = [...request.topicNames]
  const givenIds: Array<Uuid> = []
  for (const { name, topicId } of request.topics) {
    if (name === null) {
      if (topicId === Uuid.zero) {
        answers.push(answer(null, Uuid.zero, invalid("Neither topic name nor id were specified.")))
      } else givenIds.push(topicId)
    } else if (topicId === Uuid.zero) given.push(name)
    else answers.push(answer(name, topicId, invalid("You may not specify both topic name and topic id.")))
  }
  const names = repeatedNames(given)
  const ids = repeatedNames(givenIds)
  for (const name of names.repeated) answers.push(answer(name, Uuid.zero, invalid("Duplicate topic name.")))
  for (const id of ids.repeated) answers.push(answer(null, id as Uuid, invalid("Duplicate topic id.")))
  return { answers, names: names.single, ids: ids.single as ReadonlySet<Uuid>, repeatedIds: ids.repeated }
}

/** Which topics the client may delete, by id; what it may not is answered. */
const resolve = (
  image: MetadataImage,
  request: DeleteTopicsRequest,
  authorizer: Authorizer["Service"],
  { clientHost, principal }: RequestContext
) => {
  const { answers, ids, names, repeatedIds } = readRequest(request)
  const onCluster = authorizer.authorize(principal, clientHost, "DELETE", "CLUSTER", clusterName)
  const may = (operation: "DESCRIBE" | "DELETE", name: string): boolean =>
    onCluster || authorizer.authorize(principal, clientHost, operation, "TOPIC", name)
  const unauthorized = operationError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  const deletable = new Map<Uuid, string>()
  for (const id of ids) {
    const topic = image.topicById(id)
    if (topic === undefined) answers.push(answer(null, id, operationError(ErrorCode.UNKNOWN_TOPIC_ID)))
    else if (may("DELETE", topic.name)) deletable.set(id, topic.name)
    else answers.push(answer(may("DESCRIBE", topic.name) ? topic.name : null, id, unauthorized))
  }
  const supplied = new Set<string>(repeatedIds)
  for (const name of names) {
    const topic = image.topic(name)
    if (!may("DESCRIBE", name)) answers.push(answer(name, Uuid.zero, unauthorized))
    else if (topic === undefined) {
      answers.push(answer(name, Uuid.zero, operationError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)))
    } else if (!may("DELETE", name)) answers.push(answer(name, Uuid.zero, unauthorized))
    else if (supplied.has(topic.id) || deletable.has(topic.id)) {
      supplied.add(topic.id)
      deletable.delete(topic.id)
      answers.push(
        answer(name, topic.id, invalid("The provided topic name maps to an ID that was already supplied."))
      )
    } else deletable.set(topic.id, name)
  }
  return { answers, deletable }
}

export const makeDeleteTopics = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const config = yield* BrokerConfig
  const controller = yield* Controller
  const metadata = yield* Metadata
  return effectHandler(
    DeleteTopics,
    Effect.fnUntraced(function*(request, context) {
      if (!config.deleteTopicEnable) {
        const errorCode = context.apiVersion < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED
        return { responses: refuseAll(request, { errorCode, errorMessage: null }) }
      }
      if (request.timeoutMs <= 0) return { responses: refuseAll(request, timedOut) }
      const { answers, deletable } = resolve(metadata.current(), request, authorizer, context)
      const ids = Array.from(deletable.keys())
      const outcomes = yield* Effect.catch(
        controller.run({ _tag: "DeleteTopics", topicIds: ids }),
        (error) => Effect.succeed(ids.map(() => error))
      )
      for (const [i, id] of ids.entries()) answers.push(answer(deletable.get(id)!, id, outcomes[i] ?? noError))
      return { responses: yield* Random.shuffle(answers) }
    })
  )
})
