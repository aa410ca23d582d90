/**
 * SyncGroup, versions 0-5. Hands out the leader's assignment in a classic group.
 * 1: throttle time; 3: group.instance.id (KIP-345); 4: flexible; 5: protocol type and name (KIP-559).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 14, for all versions. */
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
    /** Empty from all but the leader. */
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
/** A decoded SyncGroup request. */
export type SyncGroupRequest = RequestOf<typeof SyncGroup>
/** A SyncGroup request to encode. */
export type SyncGroupRequestInput = RequestInputOf<typeof SyncGroup>
/** A decoded SyncGroup response. */
export type SyncGroupResponse = ResponseOf<typeof SyncGroup>
/** A SyncGroup response to encode. */
export type SyncGroupResponseInput = ResponseInputOf<typeof SyncGroup>
