/**
 * Metadata, versions 0-13.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** Metadata for all versions. */
export const Metadata = defineApi({
  key: 3,
  name: "Metadata",
  versions: "0-13",
  flexible: "9+",
  request: {
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
    controllerId: Wire.int32.in("1+").default(-1),
    topics: Wire.array({
      errorCode: Wire.int16,
      name: Wire.string.nullable("12+"),
      topicId: Wire.uuid.in("10+"),
      isInternal: Wire.boolean.in("1+").default(false),
      partitions: Wire.array({
        errorCode: Wire.int16,
        partitionIndex: Wire.int32,
        leaderId: Wire.int32,
        leaderEpoch: Wire.int32.in("7+").default(-1),
        replicaNodes: Wire.arrayOf(Wire.int32),
        isrNodes: Wire.arrayOf(Wire.int32),
        offlineReplicas: Wire.arrayOf(Wire.int32).in("5+")
      }),
      topicAuthorizedOperations: Wire.int32.in("8+").default(-2147483648)
    }),
    clusterAuthorizedOperations: Wire.int32.in("8-10").default(-2147483648),
    errorCode: Wire.int16.in("13+")
  }
})
export type MetadataRequest = RequestOf<typeof Metadata>
export type MetadataRequestInput = RequestInputOf<typeof Metadata>
export type MetadataResponse = ResponseOf<typeof Metadata>
export type MetadataResponseInput = ResponseInputOf<typeof Metadata>
