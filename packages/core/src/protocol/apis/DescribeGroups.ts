/**
 * DescribeGroups, versions 0-6.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DescribeGroups for all versions. */
export const DescribeGroups = defineApi({
  key: 15,
  name: "DescribeGroups",
  versions: "0-6",
  flexible: "5+",
  request: {
    groups: Wire.arrayOf(Wire.string),
    includeAuthorizedOperations: Wire.boolean.in("3+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    groups: Wire.array({
      errorCode: Wire.int16,
      errorMessage: Wire.nullableString.in("6+").default(null),
      groupId: Wire.string,
      groupState: Wire.string,
      protocolType: Wire.string,
      protocolData: Wire.string,
      members: Wire.array({
        memberId: Wire.string,
        groupInstanceId: Wire.nullableString.in("4+").default(null),
        clientId: Wire.string,
        clientHost: Wire.string,
        memberMetadata: Wire.bytes,
        memberAssignment: Wire.bytes
      }),
      authorizedOperations: Wire.int32.in("3+").default(-2147483648)
    })
  }
})
export type DescribeGroupsRequest = RequestOf<typeof DescribeGroups>
export type DescribeGroupsRequestInput = RequestInputOf<typeof DescribeGroups>
export type DescribeGroupsResponse = ResponseOf<typeof DescribeGroups>
export type DescribeGroupsResponseInput = ResponseInputOf<typeof DescribeGroups>
