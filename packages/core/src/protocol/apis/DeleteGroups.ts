/**
 * DeleteGroups, versions 0-2. Deletes empty groups (KIP-229).
 * 2: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 42, for all versions. */
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
/** A decoded DeleteGroups request. */
export type DeleteGroupsRequest = RequestOf<typeof DeleteGroups>
/** A DeleteGroups request to encode. */
export type DeleteGroupsRequestInput = RequestInputOf<typeof DeleteGroups>
/** A decoded DeleteGroups response. */
export type DeleteGroupsResponse = ResponseOf<typeof DeleteGroups>
/** A DeleteGroups response to encode. */
export type DeleteGroupsResponseInput = ResponseInputOf<typeof DeleteGroups>
