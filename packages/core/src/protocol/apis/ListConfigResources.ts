/**
 * ListConfigResources, versions 0-1. Names the resources that have configs (KIP-714).
 * 0: subscriptions to client metrics only; 1: all kinds of resources (KIP-1142).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 74, for all versions. */
export const ListConfigResources = defineApi({
  key: 74,
  name: "ListConfigResources",
  versions: "0-1",
  flexible: "0+",
  request: {
    /** Empty: all kinds. */
    resourceTypes: Wire.arrayOf(Wire.int8).in("1+")
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    configResources: Wire.array({
      resourceName: Wire.string,
      resourceType: Wire.int8.in("1+").default(16)
    })
  }
})
/** A decoded ListConfigResources request. */
export type ListConfigResourcesRequest = RequestOf<typeof ListConfigResources>
/** A ListConfigResources request to encode. */
export type ListConfigResourcesRequestInput = RequestInputOf<typeof ListConfigResources>
/** A decoded ListConfigResources response. */
export type ListConfigResourcesResponse = ResponseOf<typeof ListConfigResources>
/** A ListConfigResources response to encode. */
export type ListConfigResourcesResponseInput = ResponseInputOf<typeof ListConfigResources>
