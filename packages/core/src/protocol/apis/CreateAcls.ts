/**
 * CreateAcls, versions 1-3. Adds access control entries (KIP-140).
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

/** API 30, for all versions. */
export const CreateAcls = defineApi({
  key: 30,
  name: "CreateAcls",
  versions: "1-3",
  flexible: "2+",
  request: {
    creations: Wire.array({
      resourceType: Wire.int8,
      resourceName: Wire.string,
      /** Source: PatternType; 3 LITERAL, 4 PREFIXED. */
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
/** A decoded CreateAcls request. */
export type CreateAclsRequest = RequestOf<typeof CreateAcls>
/** A CreateAcls request to encode. */
export type CreateAclsRequestInput = RequestInputOf<typeof CreateAcls>
/** A decoded CreateAcls response. */
export type CreateAclsResponse = ResponseOf<typeof CreateAcls>
/** A CreateAcls response to encode. */
export type CreateAclsResponseInput = ResponseInputOf<typeof CreateAcls>
