/**
 * ListGroups, versions 0-5.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** ListGroups for all versions. */
export const ListGroups = defineApi({
  key: 16,
  name: "ListGroups",
  versions: "0-5",
  flexible: "3+",
  request: {
    statesFilter: Wire.arrayOf(Wire.string).in("4+"),
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
export type ListGroupsRequest = RequestOf<typeof ListGroups>
export type ListGroupsRequestInput = RequestInputOf<typeof ListGroups>
export type ListGroupsResponse = ResponseOf<typeof ListGroups>
export type ListGroupsResponseInput = ResponseInputOf<typeof ListGroups>
