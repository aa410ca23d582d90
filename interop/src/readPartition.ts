import { Consumer } from "@platformatic/kafka"
import type { Payload } from "./Payloads.ts"
import { target, uniqueName } from "./Target.ts"

export interface StoredPayload extends Payload {
  readonly offset: bigint
  readonly timestamp: bigint
}

interface Batch {
  readonly firstOffset: bigint
  readonly firstTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly attributes: number
  readonly records: ReadonlyArray<{
    readonly offsetDelta: number
    readonly timestampDelta: bigint
    readonly key: Buffer | null
    readonly value: Buffer | null
    readonly headers: ReadonlyArray<readonly [Buffer | null, Buffer | null]>
  }>
}

const recordsOf = (batch: Batch): Array<StoredPayload> =>
  batch.records.map((record) => ({
    offset: batch.firstOffset + BigInt(record.offsetDelta),
    timestamp: (batch.attributes & 8) !== 0 ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta,
    key: record.key,
    value: record.value ?? Buffer.alloc(0),
    headers: record.headers.map(([name, content]) => [String(name), content ?? Buffer.alloc(0)] as const)
  }))

/** Reads a partition from `from` (0) to its end with plain Fetch requests, no consumer group. */
export const readPartition = async (
  topic: string,
  partition = 0,
  from = 0n
): Promise<ReadonlyArray<StoredPayload>> => {
  const consumer = new Consumer({
    clientId: "reader",
    groupId: uniqueName("unused"),
    bootstrapBrokers: [target.bootstrap],
    retries: 3
  })
  try {
    const metadata = await consumer.metadata({ topics: [topic] })
    const described = metadata.topics.get(topic)!
    const read: Array<StoredPayload> = []
    let fetchOffset = from
    for (;;) {
      const response = await consumer.fetch({
        node: described.partitions[partition]!.leader,
        minBytes: 1,
        maxBytes: 10_000_000,
        maxWaitTime: 100,
        topics: [{
          topicId: described.id,
          partitions: [{
            partition,
            currentLeaderEpoch: -1,
            fetchOffset,
            lastFetchedEpoch: -1,
            partitionMaxBytes: 10_000_000
          }]
        }]
      })
      const answer = response.responses[0]?.partitions[0]
      const batches = (answer?.records ?? []) as unknown as ReadonlyArray<Batch>
      const records = batches.flatMap(recordsOf).filter((record) => record.offset >= fetchOffset)
      if (records.length === 0) return read
      read.push(...records)
      fetchOffset = records.at(-1)!.offset + 1n
    }
  } finally {
    await consumer.close(true)
  }
}
