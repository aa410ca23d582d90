/**
 * CreateTopics, versions 0-7.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** CreateTopics for all versions. */
export const CreateTopics = defineApi({
  key: 19,
  name: "CreateTopics",
  versions: "0-7",
  flexible: "5+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      numPartitions: Wire.int32,
      replicationFactor: Wire.int16,
      assignments: Wire.array({
        partitionIndex: Wire.int32,
        brokerIds: Wire.arrayOf(Wire.int32)
      }),
      configs: Wire.array({ name: Wire.string, value: Wire.nullableString })
    }),
    timeoutMs: Wire.int32.default(60000),
    validateOnly: Wire.boolean.in("1+").default(false)
  },
  response: {
    throttleTimeMs: Wire.int32.in("2+").default(0),
    topics: Wire.array({
      name: Wire.string,
      topicId: Wire.uuid.in("7+"),
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.in("1+"),
      topicConfigErrorCode: Wire.int16.tag(0, "5+"),
      numPartitions: Wire.int32.in("5+").default(-1),
      replicationFactor: Wire.int16.in("5+").default(-1),
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
export type CreateTopicsRequest = RequestOf<typeof CreateTopics>
export type CreateTopicsRequestInput = RequestInputOf<typeof CreateTopics>
export type CreateTopicsResponse = ResponseOf<typeof CreateTopics>
export type CreateTopicsResponseInput = ResponseInputOf<typeof CreateTopics>
