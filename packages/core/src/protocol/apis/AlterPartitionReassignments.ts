/**
 * AlterPartitionReassignments, versions 0-1. Moves partitions to other replicas, or stops a move (KIP-455).
 * 1: whether the number of replicas may change (KIP-860).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 45, for all versions. */
export const AlterPartitionReassignments = defineApi({
  key: 45,
  name: "AlterPartitionReassignments",
  versions: "0-1",
  flexible: "0+",
  request: {
    timeoutMs: Wire.int32.default(60_000),
    allowReplicationFactorChange: Wire.boolean.default(true).in("1+"),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        /** null: the move that is under way is stopped. */
        replicas: Wire.arrayOf(Wire.int32).nullable().default(null)
      })
    })
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    allowReplicationFactorChange: Wire.boolean.default(true).in("1+"),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString,
    responses: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        errorMessage: Wire.nullableString
      })
    })
  }
})
/** A decoded AlterPartitionReassignments request. */
export type AlterPartitionReassignmentsRequest = RequestOf<typeof AlterPartitionReassignments>
/** An AlterPartitionReassignments request to encode. */
export type AlterPartitionReassignmentsRequestInput = RequestInputOf<typeof AlterPartitionReassignments>
/** A decoded AlterPartitionReassignments response. */
export type AlterPartitionReassignmentsResponse = ResponseOf<typeof AlterPartitionReassignments>
/** An AlterPartitionReassignments response to encode. */
export type AlterPartitionReassignmentsResponseInput = ResponseInputOf<typeof AlterPartitionReassignments>
