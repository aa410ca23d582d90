/**
 * DeleteAcls, versions 1-3. Removes access control entries by filter (KIP-140).
 * 1: pattern type (KIP-290); 2: flexible; 3: user resources (KIP-373).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 31, for all versions. */
export const DeleteAcls = defineApi({
  key: 31,
  name: "DeleteAcls",
  versions: "1-3",
  flexible: "2+",
  request: {
    filters: Wire.array({
      resourceTypeFilter: Wire.int8,
      resourceNameFilter: Wire.nullableString,
      patternTypeFilter: Wire.int8.default(3),
      principalFilter: Wire.nullableString,
      hostFilter: Wire.nullableString,
      operation: Wire.int8,
      permissionType: Wire.int8
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    filterResults: Wire.array({
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString,
      matchingAcls: Wire.array({
        errorCode: Wire.int16,
        errorMessage: Wire.nullableString,
        resourceType: Wire.int8,
        resourceName: Wire.string,
        patternType: Wire.int8.default(3),
        principal: Wire.string,
        host: Wire.string,
        operation: Wire.int8,
        permissionType: Wire.int8
      })
    })
  }
})
/** A decoded DeleteAcls request. */
export type DeleteAclsRequest = RequestOf<typeof DeleteAcls>
/** A DeleteAcls request to encode. */
export type DeleteAclsRequestInput = RequestInputOf<typeof DeleteAcls>
/** A decoded DeleteAcls response. */
export type DeleteAclsResponse = ResponseOf<typeof DeleteAcls>
/** A DeleteAcls response to encode. */
export type DeleteAclsResponseInput = ResponseInputOf<typeof DeleteAcls>
