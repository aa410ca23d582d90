/**
 * DeleteTopics, versions 1-6.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DeleteTopics for all versions. */
export const DeleteTopics = defineApi({
  key: 20,
  name: "DeleteTopics",
  versions: "1-6",
  flexible: "4+",
  request: {
    topics: Wire.array({ name: Wire.nullableString.default(null), topicId: Wire.uuid }).in("6+"),
    topicNames: Wire.arrayOf(Wire.string).in("0-5"),
    timeoutMs: Wire.int32
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    responses: Wire.array({
      name: Wire.string.nullable("6+"),
      topicId: Wire.uuid.in("6+"),
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.in("5+").default(null)
    })
  }
})
export type DeleteTopicsRequest = RequestOf<typeof DeleteTopics>
export type DeleteTopicsRequestInput = RequestInputOf<typeof DeleteTopics>
export type DeleteTopicsResponse = ResponseOf<typeof DeleteTopics>
export type DeleteTopicsResponseInput = ResponseInputOf<typeof DeleteTopics>
