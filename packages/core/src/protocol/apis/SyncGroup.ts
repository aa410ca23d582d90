/**
 * SyncGroup, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** SyncGroup for all versions. */
export const SyncGroup = defineApi({
  key: 14,
  name: "SyncGroup",
  versions: "0-5",
  flexible: "4+",
  request: {
    groupId: Wire.string,
    generationId: Wire.int32,
    memberId: Wire.string,
    groupInstanceId: Wire.nullableString.in("3+").default(null),
    protocolType: Wire.nullableString.in("5+").default(null),
    protocolName: Wire.nullableString.in("5+").default(null),
    assignments: Wire.array({ memberId: Wire.string, assignment: Wire.bytes })
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    errorCode: Wire.int16,
    protocolType: Wire.nullableString.in("5+").default(null),
    protocolName: Wire.nullableString.in("5+").default(null),
    assignment: Wire.bytes
  }
})
export type SyncGroupRequest = RequestOf<typeof SyncGroup>
export type SyncGroupRequestInput = RequestInputOf<typeof SyncGroup>
export type SyncGroupResponse = ResponseOf<typeof SyncGroup>
export type SyncGroupResponseInput = ResponseInputOf<typeof SyncGroup>
