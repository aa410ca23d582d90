/**
 * AlterConfigs, versions 0-2. Replaces all configs of a resource (KIP-133); superseded by IncrementalAlterConfigs.
 * 2: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 33, for all versions. */
export const AlterConfigs = defineApi({
  key: 33,
  name: "AlterConfigs",
  versions: "0-2",
  flexible: "2+",
  request: {
    resources: Wire.array({
      /** 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group. */
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
/** A decoded AlterConfigs request. */
export type AlterConfigsRequest = RequestOf<typeof AlterConfigs>
/** A AlterConfigs request to encode. */
export type AlterConfigsRequestInput = RequestInputOf<typeof AlterConfigs>
/** A decoded AlterConfigs response. */
export type AlterConfigsResponse = ResponseOf<typeof AlterConfigs>
/** A AlterConfigs response to encode. */
export type AlterConfigsResponseInput = ResponseInputOf<typeof AlterConfigs>
