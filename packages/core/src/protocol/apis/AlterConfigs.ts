/**
 * AlterConfigs, versions 0-2.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** AlterConfigs for all versions. */
export const AlterConfigs = defineApi({
  key: 33,
  name: "AlterConfigs",
  versions: "0-2",
  flexible: "2+",
  request: {
    resources: Wire.array({
      resourceType: Wire.int8,
      resourceName: Wire.string,
      configs: Wire.array({ name: Wire.string, value: Wire.nullableString })
    }),
    validateOnly: Wire.boolean
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    responses: Wire.array({
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString,
      resourceType: Wire.int8,
      resourceName: Wire.string
    })
  }
})
export type AlterConfigsRequest = RequestOf<typeof AlterConfigs>
export type AlterConfigsRequestInput = RequestInputOf<typeof AlterConfigs>
export type AlterConfigsResponse = ResponseOf<typeof AlterConfigs>
export type AlterConfigsResponseInput = ResponseInputOf<typeof AlterConfigs>
