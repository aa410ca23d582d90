/**
 * LeaveGroup, versions 0-5. Removes members from a classic group.
 * 1: throttle time; 3: several members at once, group.instance.id (KIP-345); 4: flexible; 5: reason (KIP-800).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 13, for all versions. */
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
/** A decoded LeaveGroup request. */
export type LeaveGroupRequest = RequestOf<typeof LeaveGroup>
/** A LeaveGroup request to encode. */
export type LeaveGroupRequestInput = RequestInputOf<typeof LeaveGroup>
/** A decoded LeaveGroup response. */
export type LeaveGroupResponse = ResponseOf<typeof LeaveGroup>
/** A LeaveGroup response to encode. */
export type LeaveGroupResponseInput = ResponseInputOf<typeof LeaveGroup>
