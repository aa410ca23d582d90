import { Effect, Schema } from "effect"
import { ErrorCode, errorName } from "../model/ErrorCode.ts"
import { errorMessage } from "../model/errorMessage.ts"

/** The broker answered with an error, or the connection ended first (`NETWORK_EXCEPTION`). */
export class KafkaError extends Schema.TaggedError<KafkaError>()("KafkaError", {
  /** Kafka's number, see `ErrorCode`. */
  code: Schema.Number,
  /** Kafka's name of the code, for example `UNKNOWN_TOPIC_OR_PARTITION`. */
  name: Schema.String,
  message: Schema.String
}) {}

/** The error of a code, with Kafka's text unless the response carried one. */
export const kafkaError = (code: number, message?: string | null): KafkaError =>
  new KafkaError({
    code,
    name: errorName(code) ?? "UNKNOWN_SERVER_ERROR",
    message: message ?? errorMessage(code) ?? "unknown error"
  })

/** Fails with the first error among the results of a response. */
export const failOnError = (
  results: ReadonlyArray<{ readonly errorCode: number; readonly errorMessage?: string | null }>
): Effect.Effect<void, KafkaError> => {
  const failed = results.find((result) => result.errorCode !== ErrorCode.NONE)
  return failed === undefined ? Effect.void : Effect.fail(kafkaError(failed.errorCode, failed.errorMessage))
}
