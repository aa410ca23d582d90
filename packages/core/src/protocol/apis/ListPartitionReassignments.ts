/** ListPartitionReassignments, version 0. Names the partitions that are being moved to other replicas (KIP-455). */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 46. */
export const ListPartitionReassignments = defineApi({
  key: 46,
  name: "ListPartitionReassignments",
  versions: "0",
  flexible: "0+",
  request: {
    timeoutMs: Wire.int32.default(60_000),
    /** null: all topics. */
    topics: Wire.array({ name: Wire.string, partitionIndexes: Wire.arrayOf(Wire.int32) }).nullable().default(null)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString,
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        replicas: Wire.arrayOf(Wire.int32),
        addingReplicas: Wire.arrayOf(Wire.int32),
        removingReplicas: Wire.arrayOf(Wire.int32)
      })
    })
  }
})
/** A decoded ListPartitionReassignments request. */
export type ListPartitionReassignmentsRequest = RequestOf<typeof ListPartitionReassignments>
/** A ListPartitionReassignments request to encode. */
export type ListPartitionReassignmentsRequestInput = RequestInputOf<typeof ListPartitionReassignments>
/** A decoded ListPartitionReassignments response. */
export type ListPartitionReassignmentsResponse = ResponseOf<typeof ListPartitionReassignments>
/** A ListPartitionReassignments response to encode. */
export type ListPartitionReassignmentsResponseInput = ResponseInputOf<typeof ListPartitionReassignments>
