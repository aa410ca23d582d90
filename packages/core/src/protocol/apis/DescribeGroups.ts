/**
 * DescribeGroups, versions 0-6. Describes groups of the classic protocol.
 * 1: throttle time; 3: authorized operations (KIP-430); 4: group.instance.id (KIP-345); 5: flexible;
 * 6: GROUP_ID_NOT_FOUND and error message (KIP-1043).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 15, for all versions. */
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
      authorizedOperations: Wire.int32.in("3+").default(-2_147_483_648)
    })
  }
})
/** A decoded DescribeGroups request. */
export type DescribeGroupsRequest = RequestOf<typeof DescribeGroups>
/** A DescribeGroups request to encode. */
export type DescribeGroupsRequestInput = RequestInputOf<typeof DescribeGroups>
/** A decoded DescribeGroups response. */
export type DescribeGroupsResponse = ResponseOf<typeof DescribeGroups>
/** A DescribeGroups response to encode. */
export type DescribeGroupsResponseInput = ResponseInputOf<typeof DescribeGroups>
