/**
 * DescribeQuorum, versions 0-2. The state of the controllers' Raft quorum (KIP-595).
 * 1: when replicas fetched and were caught up (KIP-836); 2: error messages, directories, listeners (KIP-853).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

const replicaStates = Wire.array({
  replicaId: Wire.int32,
  replicaDirectoryId: Wire.uuid.in("2+"),
  /** -1: unknown. */
  logEndOffset: Wire.int64,
  /** In ms; -1: unknown. */
  lastFetchTimestamp: Wire.int64.in("1+").default(-1),
  /** In ms; -1: unknown. */
  lastCaughtUpTimestamp: Wire.int64.in("1+").default(-1)
})

/** API 55, for all versions. */
export const DescribeQuorum = defineApi({
  key: 55,
  name: "DescribeQuorum",
  versions: "0-2",
  flexible: "0+",
  request: {
    topics: Wire.array({
      topicName: Wire.string,
      partitions: Wire.array({ partitionIndex: Wire.int32 })
    })
  },
  response: {
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString.in("2+"),
    topics: Wire.array({
      topicName: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        errorMessage: Wire.nullableString.in("2+"),
        /** -1: unknown. */
        leaderId: Wire.int32,
        leaderEpoch: Wire.int32,
        highWatermark: Wire.int64,
        currentVoters: replicaStates,
        observers: replicaStates
      })
    }),
    nodes: Wire.array({
      nodeId: Wire.int32,
      listeners: Wire.array({ name: Wire.string, host: Wire.string, port: Wire.uint16 })
    }).in("2+")
  }
})
/** A decoded DescribeQuorum request. */
export type DescribeQuorumRequest = RequestOf<typeof DescribeQuorum>
/** A DescribeQuorum request to encode. */
export type DescribeQuorumRequestInput = RequestInputOf<typeof DescribeQuorum>
/** A decoded DescribeQuorum response. */
export type DescribeQuorumResponse = ResponseOf<typeof DescribeQuorum>
/** A DescribeQuorum response to encode. */
export type DescribeQuorumResponseInput = ResponseInputOf<typeof DescribeQuorum>
