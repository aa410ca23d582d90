/**
 * IncrementalAlterConfigs, versions 0-1. Sets, deletes, appends to and subtracts from single configs (KIP-339).
 * 1: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 44, for all versions. */
export const IncrementalAlterConfigs = defineApi({
  key: 44,
  name: "IncrementalAlterConfigs",
  versions: "0-1",
  flexible: "1+",
  request: {
    resources: Wire.array({
      /** 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group. */
      resourceType: Wire.int8,
      resourceName: Wire.string,
      configs: Wire.array({
        name: Wire.string,
        /** 0: set; 1: delete; 2: append; 3: subtract. */
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
/** A decoded IncrementalAlterConfigs request. */
export type IncrementalAlterConfigsRequest = RequestOf<typeof IncrementalAlterConfigs>
/** A IncrementalAlterConfigs request to encode. */
export type IncrementalAlterConfigsRequestInput = RequestInputOf<typeof IncrementalAlterConfigs>
/** A decoded IncrementalAlterConfigs response. */
export type IncrementalAlterConfigsResponse = ResponseOf<typeof IncrementalAlterConfigs>
/** A IncrementalAlterConfigs response to encode. */
export type IncrementalAlterConfigsResponseInput = ResponseInputOf<typeof IncrementalAlterConfigs>
