/**
 * CreateTopics, versions 0-7. Creates topics (KIP-4).
 * 1: validateOnly, error messages; 2: throttle time; 4: broker's defaults for partitions and replicas (KIP-464);
 * 5: flexible, configs in the response (KIP-525); 6: THROTTLING_QUOTA_EXCEEDED (KIP-599); 7: topic id (KIP-516).
 * Kafka 4 removed versions 0 and 1 (KIP-896); they are kept here for older clients.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 19, for all versions. */
export const CreateTopics = defineApi({
  key: 19,
  name: "CreateTopics",
  versions: "0-7",
  flexible: "5+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      /** -1: the broker's default, or `assignments` is given. */
      numPartitions: Wire.int32,
      /** -1: the broker's default, or `assignments` is given. */
      replicationFactor: Wire.int16,
      assignments: Wire.array({
        partitionIndex: Wire.int32,
        brokerIds: Wire.arrayOf(Wire.int32)
      }),
      configs: Wire.array({ name: Wire.string, value: Wire.nullableString })
    }),
    timeoutMs: Wire.int32.default(60_000),
    /** Checks only; nothing is created. */
    validateOnly: Wire.boolean.in("1+").default(false)
  },
  response: {
    throttleTimeMs: Wire.int32.in("2+").default(0),
    topics: Wire.array({
      name: Wire.string,
      topicId: Wire.uuid.in("7+"),
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.in("1+"),
      /** TOPIC_AUTHORIZATION_FAILED where the caller may create but not describe configs. */
      topicConfigErrorCode: Wire.int16.tag(0, "5+"),
      numPartitions: Wire.int32.in("5+").default(-1),
      replicationFactor: Wire.int16.in("5+").default(-1),
      /** null where the caller may not describe them. */
      configs: Wire.array({
        name: Wire.string,
        value: Wire.nullableString,
        readOnly: Wire.boolean,
        configSource: Wire.int8.default(-1),
        isSensitive: Wire.boolean
      }).in("5+").nullable()
    })
  }
})
/** A decoded CreateTopics request. */
export type CreateTopicsRequest = RequestOf<typeof CreateTopics>
/** A CreateTopics request to encode. */
export type CreateTopicsRequestInput = RequestInputOf<typeof CreateTopics>
/** A decoded CreateTopics response. */
export type CreateTopicsResponse = ResponseOf<typeof CreateTopics>
/** A CreateTopics response to encode. */
export type CreateTopicsResponseInput = ResponseInputOf<typeof CreateTopics>
