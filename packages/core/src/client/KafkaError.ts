import { Effect, Schema } from "effect"
import { ErrorCode, errorName } from "../model/ErrorCode.ts"
import { errorMessage } from "../model/errorMessage.ts"

/** What a request was about, as far as it is known. */
const where = {
  /** The request that was refused, for example `Produce`. */
  api: Schema.optionalKey(Schema.String),
  topic: Schema.optionalKey(Schema.String),
  partition: Schema.optionalKey(Schema.Number),
  offset: Schema.optionalKey(Schema.Number),
  group: Schema.optionalKey(Schema.String)
}

/** What a request was about, as far as it is known. */
export type Where = { readonly [Key in keyof typeof where]?: (typeof where)[Key]["Type"] }

/** A record that was appended before its call failed: its place among the records of the call, and where it is. */
const ProducedBefore = Schema.Struct({ index: Schema.Number, partition: Schema.Number, offset: Schema.Number })

/** The broker answered with an error, or the connection ended first (`NETWORK_EXCEPTION`). */
export class KafkaError extends Schema.TaggedError<KafkaError>()("KafkaError", {
  /** Kafka's number, see `ErrorCode`. */
  code: Schema.Number,
  /** Kafka's name of the code, for example `UNKNOWN_TOPIC_OR_PARTITION`. */
  name: Schema.String,
  /** One line: what was asked, where, what the broker said, and what can be done. */
  message: Schema.String,
  /** What the broker said: its sentence, or Kafka's for the code. */
  reason: Schema.String,
  ...where,
  /** Of `produce`: the records that were appended nevertheless. */
  produced: Schema.optionalKey(Schema.Array(ProducedBefore))
}) {}

/** What to do about codes whose remedy is known. */
const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: "create the topic, or look at its name and partition count",
  [ErrorCode.TOPIC_ALREADY_EXISTS]: "use it as it is, or delete it first",
  [ErrorCode.INVALID_TOPIC_EXCEPTION]: "a name has up to 249 letters, digits, dots, underscores and dashes",
  [ErrorCode.INVALID_REPLICATION_FACTOR]: "one broker keeps one replica",
  [ErrorCode.MESSAGE_TOO_LARGE]: "raise max.message.bytes of the topic, or make the record smaller",
  [ErrorCode.INVALID_TIMESTAMP]: "see message.timestamp.before.max.ms and message.timestamp.after.max.ms of the topic",
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED]: "allow it by an ACL, or act as another principal",
  [ErrorCode.GROUP_AUTHORIZATION_FAILED]: "allow it by an ACL, or act as another principal",
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]: "allow it by an ACL, or act as another principal",
  [ErrorCode.KAFKA_STORAGE_ERROR]: "the log of the broker says what is wrong with the partition's files",
  [ErrorCode.NETWORK_EXCEPTION]: "the broker stopped or closed the connection; what was asked for may have been done",
  [ErrorCode.NON_EMPTY_GROUP]: "stop its members first",
  [ErrorCode.UNKNOWN_MEMBER_ID]: "a group with members is changed by its members alone"
}

const placeOf = ({ group, offset, partition, topic }: Where): string =>
  (topic === undefined ? "" : ` ${topic}${partition === undefined ? "" : `-${partition}`}`) +
  (offset === undefined ? "" : ` at offset ${offset}`) +
  (group === undefined ? "" : ` of group ${group}`)

/** What an error may tell beside its code. */
type Known = Where & Pick<KafkaError, "produced">

const knownKeys = ["api", "topic", "partition", "offset", "group", "produced"] as const satisfies ReadonlyArray<
  keyof Known
>

/** The error of a code, with Kafka's text unless the response carried one. */
export const kafkaError = (code: number, reason?: string | null, at: Known = {}): KafkaError => {
  const name = errorName(code) ?? "UNKNOWN_SERVER_ERROR"
  const said = reason ?? errorMessage(code) ?? "unknown error"
  const remedy = remedies[code as ErrorCode]
  const subject = `${at.api ?? ""}${placeOf(at)}`.trim()
  const message = `${subject === "" ? "" : `${subject}: `}${name}: ${said.replace(/\.$/, "")}${
    remedy === undefined ? "" : ` (${remedy})`
  }`
  return new KafkaError({ code, name, message, reason: said, ...at })
}

/** What an error knows of where it happened, and of what was appended. */
const knownOf = (error: KafkaError): Known =>
  Object.fromEntries(knownKeys.flatMap((key) => error[key] === undefined ? [] : [[key, error[key]]]))

/** The same error, with what is known now of where it happened; what it knew itself stays. */
const placed = (error: KafkaError, at: Where): KafkaError =>
  kafkaError(error.code, error.reason, { ...at, ...knownOf(error) })

/** The same error, with the records that were appended before it. */
export const withProduced = (error: KafkaError, produced: NonNullable<Known["produced"]>): KafkaError =>
  kafkaError(error.code, error.reason, { ...knownOf(error), produced })

/** Says of an effect's errors where they happened, as far as they do not know it. */
export const failingAt =
  (at: Where) => <A, R>(effect: Effect.Effect<A, KafkaError, R>): Effect.Effect<A, KafkaError, R> =>
    Effect.mapError(effect, (error) => placed(error, at))

/** Fails with the first error among the results of a response. */
export const failOnError = <A extends { readonly errorCode: number; readonly errorMessage?: string | null }>(
  results: ReadonlyArray<A>,
  at: (result: A) => Where
): Effect.Effect<void, KafkaError> => {
  const failed = results.find((result) => result.errorCode !== ErrorCode.NONE)
  return failed === undefined ? Effect.void : Effect.fail(kafkaError(failed.errorCode, failed.errorMessage, at(failed)))
}
