/**
 * Heartbeat, versions 0-4. Keeps a member of a classic group alive.
 * 1: throttle time; 3: group.instance.id (KIP-345); 4: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 12, for all versions. */
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
/** A decoded Heartbeat request. */
export type HeartbeatRequest = RequestOf<typeof Heartbeat>
/** A Heartbeat request to encode. */
export type HeartbeatRequestInput = RequestInputOf<typeof Heartbeat>
/** A decoded Heartbeat response. */
export type HeartbeatResponse = ResponseOf<typeof Heartbeat>
/** A Heartbeat response to encode. */
export type HeartbeatResponseInput = ResponseInputOf<typeof Heartbeat>
