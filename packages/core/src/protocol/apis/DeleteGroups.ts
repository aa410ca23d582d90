/**
 * DeleteGroups, versions 0-2.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DeleteGroups for all versions. */
export const DeleteGroups = defineApi({
  key: 42,
  name: "DeleteGroups",
  versions: "0-2",
  flexible: "2+",
  request: {
    groupsNames: Wire.arrayOf(Wire.string)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    results: Wire.array({ groupId: Wire.string, errorCode: Wire.int16 })
  }
})
export type DeleteGroupsRequest = RequestOf<typeof DeleteGroups>
export type DeleteGroupsRequestInput = RequestInputOf<typeof DeleteGroups>
export type DeleteGroupsResponse = ResponseOf<typeof DeleteGroups>
export type DeleteGroupsResponseInput = ResponseInputOf<typeof DeleteGroups>
