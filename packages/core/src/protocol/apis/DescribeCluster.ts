/**
 * DescribeCluster, versions 0-2. Brokers, controller and cluster id (KIP-700).
 * 1: endpoint type (KIP-919); 2: fenced brokers (KIP-1073).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 60, for all versions. */
export const DescribeCluster = defineApi({
  key: 60,
  name: "DescribeCluster",
  versions: "0-2",
  flexible: "0+",
  request: {
    includeClusterAuthorizedOperations: Wire.boolean,
    /** 1: brokers; 2: controllers. */
    endpointType: Wire.int8.in("1+").default(1),
    includeFencedBrokers: Wire.boolean.in("2+")
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16,
    errorMessage: Wire.nullableString.default(null),
    endpointType: Wire.int8.in("1+").default(1),
    clusterId: Wire.string,
    controllerId: Wire.int32.default(-1),
    brokers: Wire.array({
      brokerId: Wire.int32,
      host: Wire.string,
      port: Wire.int32,
      rack: Wire.nullableString.default(null),
      isFenced: Wire.boolean.in("2+")
    }),
    /** A bit for each AclOperation; the minimum of int32: not asked for. */
    clusterAuthorizedOperations: Wire.int32.default(-2_147_483_648)
  }
})
/** A decoded DescribeCluster request. */
export type DescribeClusterRequest = RequestOf<typeof DescribeCluster>
/** A DescribeCluster request to encode. */
export type DescribeClusterRequestInput = RequestInputOf<typeof DescribeCluster>
/** A decoded DescribeCluster response. */
export type DescribeClusterResponse = ResponseOf<typeof DescribeCluster>
/** A DescribeCluster response to encode. */
export type DescribeClusterResponseInput = ResponseInputOf<typeof DescribeCluster>
