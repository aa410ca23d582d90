import { batch } from "./batches.ts"
import type { Body, Topic } from "./Probe.ts"

/** A Produce request of any version: `parts` are [topic, partition, records] in order. */
export const produceRequest = (
  parts: ReadonlyArray<readonly [Topic, number, Uint8Array | null]>,
  options: { readonly acks?: number; readonly transactionalId?: string } = {}
): Body => {
  const topics = new Map<string, Body>()
  for (const [topic, index, records] of parts) {
    const entry = topics.get(topic.name) ?? { name: topic.name, topicId: topic.id, partitionData: [] }
    entry.partitionData.push({ index, records })
    topics.set(topic.name, entry)
  }
  return {
    acks: options.acks ?? -1,
    timeoutMs: 5_000,
    transactionalId: options.transactionalId ?? null,
    topicData: [...topics.values()]
  }
}

/** Produces one batch to partition 0 of a topic. */
export const produceTo = (topic: Topic, records: Uint8Array | null = batch(), options = {}): Body =>
  produceRequest([[topic, 0, records]], options)

export interface FetchPart {
  readonly topic: Topic
  readonly partition?: number
  readonly offset?: number
  readonly partitionMaxBytes?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
}

/** A Fetch request of any version, without a session unless asked for. */
export const fetchRequest = (parts: ReadonlyArray<FetchPart>, options: Body = {}): Body => ({
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 10_000_000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  forgottenTopicsData: [],
  topics: parts.map((part) => ({
    topic: part.topic.name,
    topicId: part.topic.id,
    partitions: [{
      partition: part.partition ?? 0,
      currentLeaderEpoch: part.currentLeaderEpoch ?? -1,
      fetchOffset: part.offset ?? 0,
      lastFetchedEpoch: part.lastFetchedEpoch ?? -1,
      logStartOffset: -1,
      partitionMaxBytes: part.partitionMaxBytes ?? 1_000_000,
      replicaDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA"
    }]
  })),
  replicaState: { replicaId: -1, replicaEpoch: -1 },
  ...options
})

export const zeroId = "AAAAAAAAAAAAAAAAAAAAAA"
/** An id no topic has. */
export const unknownId = "bm8tc3VjaC10b3BpYyEhIQ"
/** A topic that does not exist. */
export const unknownTopic: Topic = { name: "no-such-topic", id: unknownId }

export const listOffsetsRequest = (topic: Topic, timestamp: number, options: Body = {}): Body => ({
  replicaId: -1,
  isolationLevel: 0,
  timeoutMs: 5_000,
  topics: [{
    name: topic.name,
    partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp, ...options }]
  }]
})
