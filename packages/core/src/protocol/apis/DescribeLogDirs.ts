/**
 * DescribeLogDirs, versions 1-5. Sizes of partitions in log directories (KIP-113).
 * 2: flexible; 3: top-level error code; 4: total and usable bytes (KIP-827); 5: cordoned directories (KIP-1066).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 35, for all versions. */
export const DescribeLogDirs = defineApi({
  key: 35,
  name: "DescribeLogDirs",
  versions: "1-5",
  flexible: "2+",
  request: {
    /** null: all topics. */
    topics: Wire.array({ topic: Wire.string, partitions: Wire.arrayOf(Wire.int32) }).nullable()
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16.in("3+"),
    results: Wire.array({
      errorCode: Wire.int16,
      logDir: Wire.string,
      topics: Wire.array({
        name: Wire.string,
        partitions: Wire.array({
          partitionIndex: Wire.int32,
          partitionSize: Wire.int64,
          offsetLag: Wire.int64,
          /** True for a copy that is moving to another directory. */
          isFutureKey: Wire.boolean
        })
      }),
      /** -1: unknown. */
      totalBytes: Wire.int64.in("4+").default(-1),
      /** -1: unknown. */
      usableBytes: Wire.int64.in("4+").default(-1),
      /** Takes no new partitions. */
      isCordoned: Wire.boolean.in("5+").default(false)
    })
  }
})
/** A decoded DescribeLogDirs request. */
export type DescribeLogDirsRequest = RequestOf<typeof DescribeLogDirs>
/** A DescribeLogDirs request to encode. */
export type DescribeLogDirsRequestInput = RequestInputOf<typeof DescribeLogDirs>
/** A decoded DescribeLogDirs response. */
export type DescribeLogDirsResponse = ResponseOf<typeof DescribeLogDirs>
/** A DescribeLogDirs response to encode. */
export type DescribeLogDirsResponseInput = ResponseInputOf<typeof DescribeLogDirs>
