/**
 * DescribeAcls, versions 1-3. Lists access control entries by filter (KIP-140).
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

/** API 29, for all versions. */
export const DescribeAcls = defineApi({
  key: 29,
  name: "DescribeAcls",
  versions: "1-3",
  flexible: "2+",
  request: {
    /** Source: ResourceType; 1 is ANY. */
    resourceTypeFilter: Wire.int8,
    resourceNameFilter: Wire.nullableString,
    /** Source: PatternType; 1 is ANY, 2 MATCH, 3 LITERAL, 4 PREFIXED. */
    patternTypeFilter: Wire.int8.default(3),
    principalFilter: Wire.nullableString,
    hostFilter: Wire.nullableString,
    /** Source: AclOperation; 1 is ANY, 2 ALL. */
    operation: Wire.int8,
    /** Source: AclPermissionType; 1 is ANY, 2 DENY, 3 ALLOW. */
    permissionType: Wire.int8
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString,
    resources: Wire.array({
      resourceType: Wire.int8,
      resourceName: Wire.string,
      patternType: Wire.int8.default(3),
      acls: Wire.array({
        principal: Wire.string,
        host: Wire.string,
        operation: Wire.int8,
        permissionType: Wire.int8
      })
    })
  }
})
/** A decoded DescribeAcls request. */
export type DescribeAclsRequest = RequestOf<typeof DescribeAcls>
/** A DescribeAcls request to encode. */
export type DescribeAclsRequestInput = RequestInputOf<typeof DescribeAcls>
/** A decoded DescribeAcls response. */
export type DescribeAclsResponse = ResponseOf<typeof DescribeAcls>
/** A DescribeAcls response to encode. */
export type DescribeAclsResponseInput = ResponseInputOf<typeof DescribeAcls>
