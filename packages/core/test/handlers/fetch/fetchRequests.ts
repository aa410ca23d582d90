import { Uuid } from "../../../src/model/Uuid.ts"
import type { FetchRequest, FetchResponseInput } from "../../../src/protocol/apis/Fetch.ts"
import { idOf } from "../../actors/partition-leader/testLeaders.ts"
import { concat } from "../../log/logTestKit.ts"

export interface Wanted {
  readonly topic: string
  readonly partition?: number
  readonly offset?: number
  readonly maxBytes?: number
  readonly leaderEpoch?: number
  readonly lastFetchedEpoch?: number
}

export const requestOf = (wanted: ReadonlyArray<Wanted>, options: Partial<FetchRequest> = {}): FetchRequest => ({
  clusterId: null,
  replicaId: -1,
  replicaState: { replicaId: -1, replicaEpoch: -1 },
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000_000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: wanted.map(({ leaderEpoch, lastFetchedEpoch, maxBytes, offset, partition, topic }) => ({
    topic,
    topicId: idOf(topic),
    partitions: [{
      partition: partition ?? 0,
      currentLeaderEpoch: leaderEpoch ?? -1,
      fetchOffset: offset ?? 0,
      lastFetchedEpoch: lastFetchedEpoch ?? -1,
      logStartOffset: -1,
      partitionMaxBytes: maxBytes ?? 1_000_000,
      replicaDirectoryId: Uuid.zero,
      highWatermark: Number.MAX_SAFE_INTEGER
    }]
  })),
  forgottenTopicsData: [],
  rackId: "",
  ...options
})

/** As sent before version 13: the ids are unknown. */
export const withoutIds = (request: FetchRequest): FetchRequest => ({
  ...request,
  topics: request.topics.map((topic) => ({ ...topic, topicId: Uuid.zero }))
})

export const partitionsOf = (response: FetchResponseInput) => response.responses.flatMap((topic) => topic.partitions)
export const codes = (response: FetchResponseInput) => partitionsOf(response).map((partition) => partition.errorCode)
/** The records of a partition's answer, joined. */
export const recordsOf = ({ records }: ReturnType<typeof partitionsOf>[number]): Uint8Array =>
  records === null || records instanceof Uint8Array ? records ?? new Uint8Array(0) : concat(records)
export const sizes = (response: FetchResponseInput) =>
  partitionsOf(response).map((partition) => recordsOf(partition).length)
