/**
 * Metadata, versions 0-13. Brokers, topics, partitions and their leaders.
 * 1: null, not empty, asks for all topics; controller, rack, internal flag; 2: cluster id (KIP-78); 3: throttle time;
 * 4: allowAutoTopicCreation; 5: offline replicas (KIP-112); 7: leader epoch (KIP-320); 8: authorized operations
 * (KIP-430); 9: flexible; 10: topic ids (KIP-516); 11: no cluster operations, see DescribeCluster (KIP-700);
 * 12: request by topic id (KIP-516); 13: top-level error code (KIP-1102).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 3, for all versions. */
export const Metadata = defineApi({
  key: 3,
  name: "Metadata",
  versions: "0-13",
  flexible: "9+",
  request: {
    /** null: all topics (in version 0: the empty array). */
    topics: Wire.array({
      topicId: Wire.uuid.in("10+"),
      name: Wire.string.nullable("10+")
    }).nullable("1+"),
    allowAutoTopicCreation: Wire.boolean.in("4+").default(true),
    includeClusterAuthorizedOperations: Wire.boolean.in("8-10"),
    includeTopicAuthorizedOperations: Wire.boolean.in("8+")
  },
  response: {
    throttleTimeMs: Wire.int32.in("3+").default(0),
    brokers: Wire.array({
      nodeId: Wire.int32,
      host: Wire.string,
      port: Wire.int32,
      rack: Wire.nullableString.in("1+").default(null)
    }),
    clusterId: Wire.nullableString.in("2+").default(null),
    /** -1: none known. */
    controllerId: Wire.int32.in("1+").default(-1),
    topics: Wire.array({
      errorCode: Wire.int16,
      name: Wire.string.nullable("12+"),
      topicId: Wire.uuid.in("10+"),
      isInternal: Wire.boolean.in("1+").default(false),
      partitions: Wire.array({
        errorCode: Wire.int16,
        partitionIndex: Wire.int32,
        /** -1: none; the partition then has LEADER_NOT_AVAILABLE. */
        leaderId: Wire.int32,
        leaderEpoch: Wire.int32.in("7+").default(-1),
        replicaNodes: Wire.arrayOf(Wire.int32),
        /** The in-sync replicas. */
        isrNodes: Wire.arrayOf(Wire.int32),
        offlineReplicas: Wire.arrayOf(Wire.int32).in("5+")
      }),
      /** A bit for each AclOperation; the minimum of int32: not asked for. */
      topicAuthorizedOperations: Wire.int32.in("8+").default(-2_147_483_648)
    }),
    /** A bit for each AclOperation; the minimum of int32: not asked for. */
    clusterAuthorizedOperations: Wire.int32.in("8-10").default(-2_147_483_648),
    errorCode: Wire.int16.in("13+")
  }
})
/** A decoded Metadata request. */
export type MetadataRequest = RequestOf<typeof Metadata>
/** A Metadata request to encode. */
export type MetadataRequestInput = RequestInputOf<typeof Metadata>
/** A decoded Metadata response. */
export type MetadataResponse = ResponseOf<typeof Metadata>
/** A Metadata response to encode. */
export type MetadataResponseInput = ResponseInputOf<typeof Metadata>
