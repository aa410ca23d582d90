/**
 * CreateAcls, versions 1-3.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** CreateAcls for all versions. */
export const CreateAcls = defineApi({
  key: 30,
  name: "CreateAcls",
  versions: "1-3",
  flexible: "2+",
  request: {
    creations: Wire.array({
      resourceType: Wire.int8,
      resourceName: Wire.string,
      resourcePatternType: Wire.int8.default(3),
      principal: Wire.string,
      host: Wire.string,
      operation: Wire.int8,
      permissionType: Wire.int8
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    results: Wire.array({ errorCode: Wire.int16, errorMessage: Wire.nullableString })
  }
})
export type CreateAclsRequest = RequestOf<typeof CreateAcls>
export type CreateAclsRequestInput = RequestInputOf<typeof CreateAcls>
export type CreateAclsResponse = ResponseOf<typeof CreateAcls>
export type CreateAclsResponseInput = ResponseInputOf<typeof CreateAcls>
