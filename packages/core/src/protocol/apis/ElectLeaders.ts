/**
 * ElectLeaders, versions 0-2. Gives partitions their preferred leader, or any at all (KIP-183).
 * 1: kinds of elections, top-level error code (KIP-460); 2: flexible.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 43, for all versions. */
export const ElectLeaders = defineApi({
  key: 43,
  name: "ElectLeaders",
  versions: "0-2",
  flexible: "2+",
  request: {
    /** 0: the preferred replica; 1: the first living one, where no replica in sync is left. */
    electionType: Wire.int8.in("1+"),
    /** null: all partitions. */
    topicPartitions: Wire.array({ topic: Wire.string, partitions: Wire.arrayOf(Wire.int32) }).nullable(),
    timeoutMs: Wire.int32.default(60_000)
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16.in("1+"),
    replicaElectionResults: Wire.array({
      topic: Wire.string,
      partitionResult: Wire.array({
        partitionId: Wire.int32,
        errorCode: Wire.int16,
        errorMessage: Wire.nullableString
      })
    })
  }
})
/** A decoded ElectLeaders request. */
export type ElectLeadersRequest = RequestOf<typeof ElectLeaders>
/** An ElectLeaders request to encode. */
export type ElectLeadersRequestInput = RequestInputOf<typeof ElectLeaders>
/** A decoded ElectLeaders response. */
export type ElectLeadersResponse = ResponseOf<typeof ElectLeaders>
/** An ElectLeaders response to encode. */
export type ElectLeadersResponseInput = ResponseInputOf<typeof ElectLeaders>
