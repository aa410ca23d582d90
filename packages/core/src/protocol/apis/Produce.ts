/**
 * Produce, versions 0-13. Appends record batches.
 * 1: throttle time; 2: log append time (KIP-32); 3: transactions and record format v2 (KIP-98); 5: log start offset
 * (KIP-107); 7: zstd (KIP-110); 8: errors by record (KIP-467); 9: flexible; 10: leaders' endpoints (KIP-951);
 * 11: TRANSACTION_ABORTABLE (KIP-890); 12: adds partitions to the transaction by itself (KIP-890);
 * 13: topic ids (KIP-516). Kafka 4 rejects versions 0 to 2 (KIP-896); they are kept here for older clients.
 */
import {
  defineApi,
  type RequestInputOf,
  type RequestOf,
  type ResponseInputOf,
  type ResponseOf
} from "../schema/defineApi.ts"
import { Wire } from "../schema/Wire.ts"

/** API 0, for all versions. */
export const Produce = defineApi({
  key: 0,
  name: "Produce",
  versions: "0-13",
  flexible: "9+",
  request: {
    /** null: not transactional. */
    transactionalId: Wire.nullableString.in("3+").default(null),
    /** 0: no response; 1: after the leader's write; -1: after all in-sync replicas' writes. */
    acks: Wire.int16,
    timeoutMs: Wire.int32,
    topicData: Wire.array({
      name: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitionData: Wire.array({ index: Wire.int32, records: Wire.nullableRecords })
    })
  },
  response: {
    responses: Wire.array({
      name: Wire.string.in("0-12"),
      topicId: Wire.uuid.in("13+"),
      partitionResponses: Wire.array({
        index: Wire.int32,
        errorCode: Wire.int16,
        /** -1 on error. */
        baseOffset: Wire.int64,
        /** -1 unless the topic's timestamps are LogAppendTime. */
        logAppendTimeMs: Wire.int64.in("2+").default(-1),
        logStartOffset: Wire.int64.in("5+").default(-1),
        recordErrors: Wire.array({
          batchIndex: Wire.int32,
          batchIndexErrorMessage: Wire.nullableString.default(null)
        }).in("8+"),
        errorMessage: Wire.nullableString.in("8+").default(null),
        currentLeader: Wire.struct({
          leaderId: Wire.int32.default(-1),
          leaderEpoch: Wire.int32.default(-1)
        }).tag(0, "10+")
      })
    }),
    throttleTimeMs: Wire.int32.in("1+").default(0),
    /** Given with NOT_LEADER_OR_FOLLOWER, for the leaders named above. */
    nodeEndpoints: Wire.array({
      nodeId: Wire.int32,
      host: Wire.string,
      port: Wire.int32,
      rack: Wire.nullableString.default(null)
    }).tag(0, "10+")
  }
})
/** A decoded Produce request. */
export type ProduceRequest = RequestOf<typeof Produce>
/** A Produce request to encode. */
export type ProduceRequestInput = RequestInputOf<typeof Produce>
/** A decoded Produce response. */
export type ProduceResponse = ResponseOf<typeof Produce>
/** A Produce response to encode. */
export type ProduceResponseInput = ResponseInputOf<typeof Produce>
