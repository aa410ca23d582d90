/**
 * CreatePartitions 0-3.
 *
 * Source: ControllerApis.createPartitions.
 */
import { Effect, Random } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { Controller } from "../actors/controller/Controller.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { timedOut } from "../model/OperationError.ts"
import { CreatePartitions } from "../protocol/apis/CreatePartitions.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { repeatedNames } from "./repeatedNames.ts"

export const makeCreatePartitions = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const controller = yield* Controller
  return effectHandler(
    CreatePartitions,
    Effect.fnUntraced(function*(request, { clientHost, principal }) {
      const { repeated, single } = repeatedNames(request.topics.map(({ name }) => name))
      const alterable = new Set(
        Array.from(single).filter((name) => authorizer.authorize(principal, clientHost, "ALTER", "TOPIC", name))
      )
      if (request.timeoutMs <= 0 && alterable.size > 0) {
        return { results: request.topics.map(({ name }) => ({ name, ...timedOut })) }
      }
      const placementSeed = yield* Random.nextIntBetween(0, 1 << 30)
      const reply = yield* controller.run({
        _tag: "CreatePartitions",
        topics: request.topics.filter(({ name }) => alterable.has(name)),
        validateOnly: request.validateOnly,
        placementSeed
      }).pipe(Effect.catch((error) => Effect.succeed({ _tag: "Refused" as const, error })))
      if (reply._tag === "Refused") {
        return { results: request.topics.map(({ name }) => ({ name, ...reply.error })) }
      }
      return {
        results: [
          ...Array.from(repeated, (name) => ({
            name,
            errorCode: ErrorCode.INVALID_REQUEST,
            errorMessage: "Duplicate topic name."
          })),
          ...Array.from(single).filter((name) => !alterable.has(name)).map((name) => ({
            name,
            errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
            errorMessage: null
          })),
          ...reply.results
        ]
      }
    })
  )
})
