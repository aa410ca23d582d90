/**
 * Fetch, versions 4-18.
 */
import { defineApi, type RequestInputOf, type RequestOf, type ResponseInputOf, type ResponseOf } from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"
import { int64Max } from "../wire/Int64.ts"

/** Fetch for all versions. */
export const Fetch = defineApi({
  key: 1,
  name: "Fetch",
  versions: "4-18",
  flexible: "12+",
  request: {
    clusterId: Wire.nullableString.default(null).tag(0, "12+"),
    replicaId: Wire.int32.in("0-14").default(-1),
    replicaState: Wire.struct({
      replicaId: Wire.int32.default(-1),
      replicaEpoch: Wire.int64.default(-1)
    }).tag(1, "15+"),
    maxWaitMs: Wire.int32,
    minBytes: Wire.int32,
    maxBytes: Wire.int32.default(2147483647),
    isolationLevel: Wire.int8.default(0),
    sessionId: Wire.int32.in("7+").default(0),
    sessionEpoch: Wire.int32.in("7+").default(-1),
    topics: Wire.array({
      topic: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitions: Wire.array({
        partition: Wire.int32,
        currentLeaderEpoch: Wire.int32.in("9+").default(-1),
        fetchOffset: Wire.int64,
        lastFetchedEpoch: Wire.int32.in("12+").default(-1),
        logStartOffset: Wire.int64.in("5+").default(-1),
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
    rackId: Wire.string.in("11+").default("")
  },
  response: {
    throttleTimeMs: Wire.int32.default(0),
    errorCode: Wire.int16.in("7+"),
    sessionId: Wire.int32.in("7+").default(0),
    responses: Wire.array({
      topic: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitions: Wire.array({
        partitionIndex: Wire.int32,
        errorCode: Wire.int16,
        highWatermark: Wire.int64,
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
        abortedTransactions: Wire.array({ producerId: Wire.int64, firstOffset: Wire.int64 }).nullable(),
        preferredReadReplica: Wire.int32.in("11+").default(-1),
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
export type FetchRequest = RequestOf<typeof Fetch>
export type FetchRequestInput = RequestInputOf<typeof Fetch>
export type FetchResponse = ResponseOf<typeof Fetch>
export type FetchResponseInput = ResponseInputOf<typeof Fetch>
