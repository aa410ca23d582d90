/**
 * DeleteAcls, versions 1-3.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DeleteAcls for all versions. */
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
export type DeleteAclsRequest = RequestOf<typeof DeleteAcls>
export type DeleteAclsRequestInput = RequestInputOf<typeof DeleteAcls>
export type DeleteAclsResponse = ResponseOf<typeof DeleteAcls>
export type DeleteAclsResponseInput = ResponseInputOf<typeof DeleteAcls>
