/**
 * DeleteTopics, versions 1-6. Deletes topics (KIP-4).
 * 1: throttle time; 4: flexible; 5: error message, THROTTLING_QUOTA_EXCEEDED (KIP-599); 6: by name or id (KIP-516).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 20, for all versions. */
export const DeleteTopics = defineApi({
  key: 20,
  name: "DeleteTopics",
  versions: "1-6",
  flexible: "4+",
  request: {
    /** By name (id zero) or by id (name null). */
    topics: Wire.array({ name: Wire.nullableString.default(null), topicId: Wire.uuid }).in("6+"),
    /** Before version 6. */
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
/** A decoded DeleteTopics request. */
export type DeleteTopicsRequest = RequestOf<typeof DeleteTopics>
/** A DeleteTopics request to encode. */
export type DeleteTopicsRequestInput = RequestInputOf<typeof DeleteTopics>
/** A decoded DeleteTopics response. */
export type DeleteTopicsResponse = ResponseOf<typeof DeleteTopics>
/** A DeleteTopics response to encode. */
export type DeleteTopicsResponseInput = ResponseInputOf<typeof DeleteTopics>
