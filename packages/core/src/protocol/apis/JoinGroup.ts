/**
 * JoinGroup, versions 0-9.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** JoinGroup for all versions. */
export const JoinGroup = defineApi({
  key: 11,
  name: "JoinGroup",
  versions: "0-9",
  flexible: "6+",
  request: {
    groupId: Wire.string,
    sessionTimeoutMs: Wire.int32,
    rebalanceTimeoutMs: Wire.int32.in("1+").default(-1),
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
    skipAssignment: Wire.boolean.in("9+").default(false),
    memberId: Wire.string,
    members: Wire.array({
      memberId: Wire.string,
      groupInstanceId: Wire.nullableString.in("5+").default(null),
      metadata: Wire.bytes
    })
  }
})
export type JoinGroupRequest = RequestOf<typeof JoinGroup>
export type JoinGroupRequestInput = RequestInputOf<typeof JoinGroup>
export type JoinGroupResponse = ResponseOf<typeof JoinGroup>
export type JoinGroupResponseInput = ResponseInputOf<typeof JoinGroup>
