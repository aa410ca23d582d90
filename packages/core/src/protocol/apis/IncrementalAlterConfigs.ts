/**
 * IncrementalAlterConfigs, versions 0-1.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** IncrementalAlterConfigs for all versions. */
export const IncrementalAlterConfigs = defineApi({
  key: 44,
  name: "IncrementalAlterConfigs",
  versions: "0-1",
  flexible: "1+",
  request: {
    resources: Wire.array({
      resourceType: Wire.int8,
      resourceName: Wire.string,
      configs: Wire.array({
        name: Wire.string,
        configOperation: Wire.int8,
        value: Wire.nullableString
      })
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
export type IncrementalAlterConfigsRequest = RequestOf<typeof IncrementalAlterConfigs>
export type IncrementalAlterConfigsRequestInput = RequestInputOf<typeof IncrementalAlterConfigs>
export type IncrementalAlterConfigsResponse = ResponseOf<typeof IncrementalAlterConfigs>
export type IncrementalAlterConfigsResponseInput = ResponseInputOf<typeof IncrementalAlterConfigs>
