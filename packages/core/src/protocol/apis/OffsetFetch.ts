/**
 * OffsetFetch, versions 1-10. Reads committed offsets of groups.
 * 1: offsets live in Kafka; 2: null asks for all topics, top-level error (KIP-88); 3: throttle time;
 * 5: leader epoch (KIP-320); 6: flexible; 7: requireStable (KIP-447); 8: several groups at once (KIP-709);
 * 9: member id and epoch (KIP-848); 10: topic ids (KIP-848).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 9, for all versions. */
export const OffsetFetch = defineApi({
  key: 9,
  name: "OffsetFetch",
  versions: "1-10",
  flexible: "6+",
  request: {
    groupId: Wire.string.in("0-7"),
    /** null: all topics. */
    topics: Wire.array({
      name: Wire.string,
      partitionIndexes: Wire.arrayOf(Wire.int32)
    }).in("0-7").nullable("2-7"),
    groups: Wire.array({
      groupId: Wire.string,
      memberId: Wire.nullableString.in("9+").default(null),
      /** -1 with a null memberId: an admin. */
      memberEpoch: Wire.int32.in("9+").default(-1),
      topics: Wire.array({
        name: Wire.string.in("8-9"),
        topicId: Wire.uuid.in("10+"),
        partitionIndexes: Wire.arrayOf(Wire.int32)
      }).nullable()
    }).in("8+"),
    requireStable: Wire.boolean.in("7+").default(false)
  },
  response: {
    throttleTimeMs: Wire.int32.in("3+").default(0),
    topics: Wire.array({
      name: Wire.string,
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        /** -1: none. */
        committedOffset: Wire.int64,
        committedLeaderEpoch: Wire.int32.in("5-7").default(-1),
        metadata: Wire.nullableString,
        errorCode: Wire.int16
      })
    }).in("0-7"),
    errorCode: Wire.int16.in("2-7").default(0),
    groups: Wire.array({
      groupId: Wire.string,
      topics: Wire.array({
        name: Wire.string.in("8-9"),
        topicId: Wire.uuid.in("10+"),
        partitions: Wire.array({
          partitionIndex: Wire.int32,
          committedOffset: Wire.int64,
          committedLeaderEpoch: Wire.int32.default(-1),
          metadata: Wire.nullableString,
          errorCode: Wire.int16
        })
      }),
      errorCode: Wire.int16.default(0)
    }).in("8+")
  }
})
/** A decoded OffsetFetch request. */
export type OffsetFetchRequest = RequestOf<typeof OffsetFetch>
/** A OffsetFetch request to encode. */
export type OffsetFetchRequestInput = RequestInputOf<typeof OffsetFetch>
/** A decoded OffsetFetch response. */
export type OffsetFetchResponse = ResponseOf<typeof OffsetFetch>
/** A OffsetFetch response to encode. */
export type OffsetFetchResponseInput = ResponseInputOf<typeof OffsetFetch>
