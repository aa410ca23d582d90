/**
 * CreatePartitions, versions 0-3.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** CreatePartitions for all versions. */
export const CreatePartitions = defineApi({
  key: 37,
  name: "CreatePartitions",
  versions: "0-3",
  flexible: "2+",
  request: {
    topics: Wire.array({
      name: Wire.string,
      count: Wire.int32,
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
export type CreatePartitionsRequest = RequestOf<typeof CreatePartitions>
export type CreatePartitionsRequestInput = RequestInputOf<typeof CreatePartitions>
export type CreatePartitionsResponse = ResponseOf<typeof CreatePartitions>
export type CreatePartitionsResponseInput = ResponseInputOf<typeof CreatePartitions>
