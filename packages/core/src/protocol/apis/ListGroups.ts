/**
 * ListGroups, versions 0-5. The groups that this broker coordinates.
 * 1: throttle time; 3: flexible; 4: filter by state (KIP-518); 5: filter by type (KIP-848).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 16, for all versions. */
export const ListGroups = defineApi({
  key: 16,
  name: "ListGroups",
  versions: "0-5",
  flexible: "3+",
  request: {
    /** Empty: all states. */
    statesFilter: Wire.arrayOf(Wire.string).in("4+"),
    /** Empty: all types. */
    typesFilter: Wire.arrayOf(Wire.string).in("5+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("1+").default(0),
    errorCode: Wire.int16,
    groups: Wire.array({
      groupId: Wire.string,
      protocolType: Wire.string,
      groupState: Wire.string.in("4+"),
      groupType: Wire.string.in("5+")
    })
  }
})
/** A decoded ListGroups request. */
export type ListGroupsRequest = RequestOf<typeof ListGroups>
/** A ListGroups request to encode. */
export type ListGroupsRequestInput = RequestInputOf<typeof ListGroups>
/** A decoded ListGroups response. */
export type ListGroupsResponse = ResponseOf<typeof ListGroups>
/** A ListGroups response to encode. */
export type ListGroupsResponseInput = ResponseInputOf<typeof ListGroups>
