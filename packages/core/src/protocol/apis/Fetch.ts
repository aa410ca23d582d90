/**
 * Fetch, versions 4-18. Reads record batches.
 * 4: isolation level (KIP-98); 5: log start offset (KIP-107); 7: sessions (KIP-227); 9: leader epoch (KIP-320);
 * 10: zstd (KIP-110); 11: rack and preferred replica (KIP-392); 12: flexible, diverging epoch (KIP-595);
 * 13: topic ids (KIP-516); 14: OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405); 15: replica state (KIP-903);
 * 16: leaders' endpoints (KIP-951); 17: directory ids (KIP-853); 18: follower's high watermark (KIP-1166).
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"
import { int64Max } from "../wire/int64Max.ts"

/** API 1, for all versions. */
export const Fetch = defineApi({
  key: 1,
  name: "Fetch",
  versions: "4-18",
  flexible: "12+",
  request: {
    clusterId: Wire.nullableString.default(null).tag(0, "12+"),
    /** -1: a consumer. */
    replicaId: Wire.int32.in("0-14").default(-1),
    replicaState: Wire.struct({
      replicaId: Wire.int32.default(-1),
      replicaEpoch: Wire.int64.default(-1)
    }).tag(1, "15+"),
    maxWaitMs: Wire.int32,
    minBytes: Wire.int32,
    maxBytes: Wire.int32.default(2_147_483_647),
    /** 0: read_uncommitted; 1: read_committed. */
    isolationLevel: Wire.int8.default(0),
    /** 0: no session yet. */
    sessionId: Wire.int32.in("7+").default(0),
    /** -1: no session wanted; 0: a new one. */
    sessionEpoch: Wire.int32.in("7+").default(-1),
    topics: Wire.array({
      topic: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitions: Wire.array({
        partition: Wire.int32,
        /** -1: do not check. */
        currentLeaderEpoch: Wire.int32.in("9+").default(-1),
        fetchOffset: Wire.int64,
        lastFetchedEpoch: Wire.int32.in("12+").default(-1),
        /** Followers only; -1 from consumers. */
        logStartOffset: Wire.int64.in("5+").default(-1),
        /** A first batch above this is still returned whole (KIP-74). */
        partitionMaxBytes: Wire.int32,
        replicaDirectoryId: Wire.uuid.tag(0, "17+"),
        highWatermark: Wire.int64.default(int64Max).tag(1, "18+")
      })
    }),
    forgottenTopicsData: Wire.array({
      topic: Wire.string.in("7-12"),
      topicId: Wire.uuid.in("13+"),
      partitions: Wire.arrayOf(Wire.int32)
    }).in("7+"),
    /** The rack of the consumer, to choose a near replica. */
    rackId: Wire.string.in("11+").default("")
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16.in("7+"),
    /** 0: a full fetch, no session. */
    sessionId: Wire.int32.in("7+").default(0),
    responses: Wire.array({
      topic: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        highWatermark: Wire.int64,
        /** End of what read_committed may see. */
        lastStableOffset: Wire.int64.default(-1),
        logStartOffset: Wire.int64.in("5+").default(-1),
        divergingEpoch: Wire.struct({
          epoch: Wire.int32.default(-1),
          endOffset: Wire.int64.default(-1)
        }).tag(0, "12+"),
        currentLeader: Wire.struct({
          leaderId: Wire.int32.default(-1),
          leaderEpoch: Wire.int32.default(-1)
        }).tag(1, "12+"),
        snapshotId: Wire.struct({
          endOffset: Wire.int64.default(-1),
          epoch: Wire.int32.default(-1)
        }).tag(2, "12+"),
        /** null under read_uncommitted. */
        abortedTransactions: Wire.array({ producerId: Wire.int64, firstOffset: Wire.int64 }).nullable(),
        /** -1: read from the leader. */
        preferredReadReplica: Wire.int32.in("11+").default(-1),
        /** Batches as they lie in the log; the last one may be cut. */
        records: Wire.nullableRecords
      })
    }),
    nodeEndpoints: Wire.array({
      nodeId: Wire.int32,
      host: Wire.string,
      port: Wire.int32,
      rack: Wire.nullableString.default(null)
    }).tag(0, "16+")
  }
})
/** A decoded Fetch request. */
export type FetchRequest = RequestOf<typeof Fetch>
/** A Fetch request to encode. */
export type FetchRequestInput = RequestInputOf<typeof Fetch>
/** A decoded Fetch response. */
export type FetchResponse = ResponseOf<typeof Fetch>
/** A Fetch response to encode. */
export type FetchResponseInput = ResponseInputOf<typeof Fetch>
