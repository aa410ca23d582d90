/**
 * JoinGroup, versions 0-9. Joins a classic group (KIP-62).
 * 1: rebalance timeout; 2: throttle time; 4: MEMBER_ID_REQUIRED (KIP-394); 5: group.instance.id (KIP-345);
 * 6: flexible; 7: protocol type in the response (KIP-559); 8: reason (KIP-800); 9: skipAssignment (KIP-814).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 11, for all versions. */
export const JoinGroup = defineApi({
  key: 11,
  name: "JoinGroup",
  versions: "0-9",
  flexible: "6+",
  request: {
    groupId: Wire.string,
    sessionTimeoutMs: Wire.int32,
    /** -1: before version 1, where the session timeout takes its place. */
    rebalanceTimeoutMs: Wire.int32.in("1+").default(-1),
    /** Empty: a new member. */
    memberId: Wire.string,
    groupInstanceId: Wire.nullableString.in("5+").default(null),
    protocolType: Wire.string,
    protocols: Wire.array({ name: Wire.string, metadata: Wire.bytes }),
    reason: Wire.nullableString.in("8+").default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.in("2+").default(0),
    errorCode: Wire.int16,
    generationId: Wire.int32.default(-1),
    protocolType: Wire.nullableString.in("7+").default(null),
    protocolName: Wire.string.nullable("7+"),
    leader: Wire.string,
    /** The leader must not run its assignor. */
    skipAssignment: Wire.boolean.in("9+").default(false),
    memberId: Wire.string,
    /** Only for the leader. */
    members: Wire.array({
      memberId: Wire.string,
      groupInstanceId: Wire.nullableString.in("5+").default(null),
      metadata: Wire.bytes
    })
  }
})
/** A decoded JoinGroup request. */
export type JoinGroupRequest = RequestOf<typeof JoinGroup>
/** A JoinGroup request to encode. */
export type JoinGroupRequestInput = RequestInputOf<typeof JoinGroup>
/** A decoded JoinGroup response. */
export type JoinGroupResponse = ResponseOf<typeof JoinGroup>
/** A JoinGroup response to encode. */
export type JoinGroupResponseInput = ResponseInputOf<typeof JoinGroup>
