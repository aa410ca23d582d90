import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { FindCoordinator } from "../protocol/apis/FindCoordinator.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { type KafkaError, kafkaError } from "./KafkaError.ts"
import { retryTransient } from "./retryTransient.ts"

/** Source: FindCoordinatorRequest.CoordinatorType. */
const groupKeyType = 0

const findCoordinator = (connection: ClientConnection, group: string): Effect.Effect<void, KafkaError> =>
  connection.request(FindCoordinator, { key: group, keyType: groupKeyType, coordinatorKeys: [group] }).pipe(
    Effect.flatMap(({ coordinators }) => {
      const errorCode = coordinators[0]?.errorCode ?? ErrorCode.COORDINATOR_NOT_AVAILABLE
      return errorCode === ErrorCode.NONE
        ? Effect.void
        : Effect.fail(
          kafkaError(errorCode, coordinators[0]?.errorMessage || undefined, { api: "FindCoordinator", group })
        )
    })
  )

/**
 * Carries out a request of a group; while the group has no coordinator it is looked for, which makes the topic of
 * offsets when it is the first group, and while the coordinator loads it is asked again.
 */
export const atCoordinator = <A>(
  connection: ClientConnection,
  group: string,
  request: Effect.Effect<A, KafkaError>
): Effect.Effect<A, KafkaError> =>
  retryTransient(Effect.catchIf(
    request,
    ({ code }) => code === ErrorCode.COORDINATOR_NOT_AVAILABLE || code === ErrorCode.NOT_COORDINATOR,
    (error) => Effect.andThen(findCoordinator(connection, group), Effect.fail(error))
  ))
