/**
 * LeaveGroup, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** LeaveGroup for all versions. */
export const LeaveGroup = defineApi({
  key: 13,
  name: "LeaveGroup",
  versions: "0-5",
  flexible: "4+",
  request: {
    groupId: Wire.string,
    memberId: Wire.string.in("0-2"),
    members: Wire.array({
      memberId: Wire.string,
      groupInstanceId: Wire.nullableString.default(null),
      reason: Wire.nullableString.in("5+").default(null)
    }).in("3+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    errorCode: Wire.int16,
    members: Wire.array({
      memberId: Wire.string,
      groupInstanceId: Wire.nullableString,
      errorCode: Wire.int16
    }).in("3+")
  }
})
export type LeaveGroupRequest = RequestOf<typeof LeaveGroup>
export type LeaveGroupRequestInput = RequestInputOf<typeof LeaveGroup>
export type LeaveGroupResponse = ResponseOf<typeof LeaveGroup>
export type LeaveGroupResponseInput = ResponseInputOf<typeof LeaveGroup>
