/**
 * DescribeCluster, versions 0-2.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** DescribeCluster for all versions. */
export const DescribeCluster = defineApi({
  key: 60,
  name: "DescribeCluster",
  versions: "0-2",
  flexible: "0+",
  request: {
    includeClusterAuthorizedOperations: Wire.boolean,
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
    clusterAuthorizedOperations: Wire.int32.default(-2147483648)
  }
})
export type DescribeClusterRequest = RequestOf<typeof DescribeCluster>
export type DescribeClusterRequestInput = RequestInputOf<typeof DescribeCluster>
export type DescribeClusterResponse = ResponseOf<typeof DescribeCluster>
export type DescribeClusterResponseInput = ResponseInputOf<typeof DescribeCluster>
