/**
 * CreatePartitions, versions 0-3. Adds partitions to topics (KIP-195).
 * 2: flexible; 3: THROTTLING_QUOTA_EXCEEDED (KIP-599).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 37, for all versions. */
export const CreatePartitions = defineApi({
  key: 37,
  name: "CreatePartitions",
  versions: "0-3",
  flexible: "2+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      /** The new total, not the increase. */
      count: Wire.int32,
      /** null: the broker places the new partitions. */
      assignments: Wire.array({ brokerIds: Wire.arrayOf(Wire.int32) }).nullable()
    }),
    timeoutMs: Wire.int32,
    validateOnly: Wire.boolean
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    results: Wire.array({
      name: Wire.string,
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.default(null)
    })
  }
})
/** A decoded CreatePartitions request. */
export type CreatePartitionsRequest = RequestOf<typeof CreatePartitions>
/** A CreatePartitions request to encode. */
export type CreatePartitionsRequestInput = RequestInputOf<typeof CreatePartitions>
/** A decoded CreatePartitions response. */
export type CreatePartitionsResponse = ResponseOf<typeof CreatePartitions>
/** A CreatePartitions response to encode. */
export type CreatePartitionsResponseInput = ResponseInputOf<typeof CreatePartitions>
