/**
 * Heartbeat, versions 0-4.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** Heartbeat for all versions. */
export const Heartbeat = defineApi({
  key: 12,
  name: "Heartbeat",
  versions: "0-4",
  flexible: "4+",
  request: {
    groupId: Wire.string,
    generationId: Wire.int32,
    memberId: Wire.string,
    groupInstanceId: Wire.nullableString.in("3+").default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    errorCode: Wire.int16
  }
})
export type HeartbeatRequest = RequestOf<typeof Heartbeat>
export type HeartbeatRequestInput = RequestInputOf<typeof Heartbeat>
export type HeartbeatResponse = ResponseOf<typeof Heartbeat>
export type HeartbeatResponseInput = ResponseInputOf<typeof Heartbeat>
