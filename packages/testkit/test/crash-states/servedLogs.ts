import type { BrokerClient } from "@kafka-broker/core"
import { decodeRecords, ErrorCode, RecordBatch, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { Fetch } from "../../../core/src/protocol/apis/Fetch.ts"
import { ListOffsets } from "../../../core/src/protocol/apis/ListOffsets.ts"

/** What a broker serves of one partition. */
export interface ServedLog {
  readonly partition: number
  /** Not 0: nothing is served, and the rest says nothing. */
  readonly errorCode: number
  readonly start: number
  readonly end: number
  /** As `offset=text`, from the first batch that has a record at or above the start. */
  readonly records: ReadonlyArray<{ readonly offset: number; readonly value: string }>
}

const EARLIEST = -2
const LATEST = -1
/** The newest version that names topics instead of ids. */
const fetchVersion = 12

const offsetOf = (broker: BrokerClient, name: string, partitionIndex: number, timestamp: number) =>
  Effect.map(
    broker.request(ListOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name, partitions: [{ partitionIndex, currentLeaderEpoch: -1, timestamp }] }],
      timeoutMs: 1000
    }),
    ({ topics }) => topics[0]!.partitions[0]!
  )

/** Reads a partition from its start to its end. */
export const servedLog = Effect.fnUntraced(function*(broker: BrokerClient, topic: string, partition: number) {
  const start = yield* offsetOf(broker, topic, partition, EARLIEST)
  const end = yield* offsetOf(broker, topic, partition, LATEST)
  const failed = (errorCode: number): ServedLog => ({ partition, errorCode, start: -1, end: -1, records: [] })
  if (start.errorCode !== ErrorCode.NONE) return failed(start.errorCode)
  if (end.errorCode !== ErrorCode.NONE) return failed(end.errorCode)
  const records: Array<{ readonly offset: number; readonly value: string }> = []
  for (let fetchOffset = start.offset; fetchOffset < end.offset;) {
    const { responses } = yield* broker.request(Fetch, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1_000_000,
      isolationLevel: 0,
      topics: [{ topic, topicId: Uuid.zero, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
      forgottenTopicsData: []
    }, fetchVersion)
    const answer = responses[0]!.partitions[0]!
    if (answer.errorCode !== ErrorCode.NONE) return failed(answer.errorCode)
    const bytes = answer.records ?? new Uint8Array(0)
    const wholeBytes = RecordBatch.completeBatchesEnd(bytes, 0, bytes.length)
    if (wholeBytes === 0) break
    for (let at = 0; at < wholeBytes; at += RecordBatch.batchSizeBytes(bytes, at)) {
      for (const record of decodeRecords(bytes, at)) {
        if (record.offset < fetchOffset) continue
        records.push({ offset: record.offset, value: new TextDecoder().decode(record.value ?? new Uint8Array(0)) })
      }
      fetchOffset = Math.max(fetchOffset, RecordBatch.lastOffset(bytes, at) + 1)
    }
  }
  return { partition, errorCode: ErrorCode.NONE, start: start.offset, end: end.offset, records } satisfies ServedLog
})
