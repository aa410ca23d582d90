import { apis } from "@kafka-broker/core/protocol"
import { aTime, batch, rec } from "../batches.ts"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body, Probe, Topic } from "../Probe.ts"
import { listOffsetsRequest, produceTo, unknownTopic } from "../requests.ts"

const { DeleteRecords, ListOffsets, OffsetForLeaderEpoch, Produce } = apis

const at = (offsetMs: number) => rec("v", { timestamp: aTime + offsetMs })

/** Timestamps 0, 1000, 500 | 2000 | 1500, 3000 after {@link aTime}, in three batches. */
const filled = async (probe: Probe): Promise<Topic> => {
  const topic = await probe.topic()
  for (const records of [[at(0), at(1000), at(500)], [at(2000)], [at(1500), at(3000)]]) {
    await probe.quiet(Produce, 11, produceTo(topic, batch(records)))
  }
  return topic
}

const listing: ReadonlyArray<Case> = [
  ...eachVersion(ListOffsets, [1, 11], "every special timestamp", async (probe, version) => {
    const topic = await filled(probe)
    for (const timestamp of [-1, -2, -3, -4, -5, -6, -7]) {
      await probe.send(ListOffsets, version, listOffsetsRequest(topic, timestamp), { label: `timestamp ${timestamp}` })
    }
  }),
  ...eachVersion(ListOffsets, [1, 11], "times before, between and after", async (probe, version) => {
    const topic = await filled(probe)
    for (const time of [0, aTime, aTime + 1, aTime + 700, aTime + 1001, aTime + 2500, aTime + 3000, aTime + 3001]) {
      await probe.send(ListOffsets, version, listOffsetsRequest(topic, time), { label: `time +${time - aTime}` })
    }
  }),
  ...eachVersion(ListOffsets, [1, 11], "unknown topic and partition, an empty partition", async (probe, version) => {
    const empty = await probe.topic()
    for (const timestamp of [-1, -2, aTime]) {
      await probe.send(ListOffsets, version, listOffsetsRequest(unknownTopic, timestamp), { label: "unknown topic" })
      await probe.send(ListOffsets, version, listOffsetsRequest(empty, timestamp, { partitionIndex: 3 }), {
        label: "unknown partition"
      })
      await probe.send(ListOffsets, version, listOffsetsRequest(empty, timestamp), { label: "empty partition" })
    }
  }),
  ...eachOf(
    { "0": 0, "1": 1, "6": 6 },
    (epoch) => `ListOffsets: current leader epoch ${epoch}`,
    async (probe, currentLeaderEpoch) => {
      const topic = await filled(probe)
      for (const version of [4, 7, 11]) {
        await probe.send(ListOffsets, version, listOffsetsRequest(topic, -1, { currentLeaderEpoch }))
      }
    }
  ),
  test("ListOffsets: isolation level 1", async (probe) => {
    const topic = await filled(probe)
    for (const timestamp of [-1, -2, -3, aTime + 700]) {
      await probe.send(ListOffsets, 7, { ...listOffsetsRequest(topic, timestamp), isolationLevel: 1 })
    }
  }),
  test("ListOffsets: isolation level 7", async (probe) => {
    const topic = await filled(probe)
    await probe.send(ListOffsets, 7, { ...listOffsetsRequest(topic, -1), isolationLevel: 7 })
  }),
  test("ListOffsets: the same partition twice", async (probe) => {
    const topic = await filled(probe)
    const partitions = [-1, -2].map((timestamp) => ({ partitionIndex: 0, timestamp }))
    await probe.send(ListOffsets, 7, { replicaId: -1, isolationLevel: 0, topics: [{ name: topic.name, partitions }] })
  }),
  test("ListOffsets: nothing asked", async (probe) => {
    await probe.send(ListOffsets, 7, { replicaId: -1, isolationLevel: 0, topics: [] })
  }),
  test("ListOffsets: after records were deleted", async (probe) => {
    const topic = await filled(probe)
    const partitions = [{ partitionIndex: 0, offset: 4 }]
    await probe.quiet(DeleteRecords, 2, { topics: [{ name: topic.name, partitions }], timeoutMs: 5_000 })
    for (const timestamp of [-1, -2, -3, -4, aTime, aTime + 700, aTime + 1600]) {
      await probe.send(ListOffsets, 8, listOffsetsRequest(topic, timestamp), { label: `timestamp ${timestamp}` })
    }
  }),
  ...eachOf(
    { "all": 6, "all but the last batch": 4, "up to the middle of the last batch": 5 },
    (what) => `ListOffsets: after ${what} of the records were deleted`,
    async (probe, offset) => {
      const topic = await filled(probe)
      const partitions = [{ partitionIndex: 0, offset }]
      await probe.quiet(DeleteRecords, 2, { topics: [{ name: topic.name, partitions }], timeoutMs: 5_000 })
      for (const timestamp of [-1, -2, -3, -4, 0, aTime + 1600, aTime + 3000]) {
        await probe.send(ListOffsets, 8, listOffsetsRequest(topic, timestamp), { label: `timestamp ${timestamp}` })
      }
      await probe.quiet(Produce, 11, produceTo(topic, batch([at(100)])))
      for (const timestamp of [-3, 0]) {
        await probe.send(ListOffsets, 8, listOffsetsRequest(topic, timestamp), { label: `then ${timestamp}` })
      }
    }
  ),
  test("ListOffsets: records without a timestamp", async (probe) => {
    const topic = await probe.topic()
    await probe.quiet(Produce, 11, produceTo(topic, batch([rec("v", { timestamp: -1 })])))
    for (const timestamp of [-3, 0, 5]) await probe.send(ListOffsets, 7, listOffsetsRequest(topic, timestamp))
  }),
  test("ListOffsets: compressed batches and equal timestamps", async (probe) => {
    const topic = await probe.topic()
    await probe.quiet(Produce, 11, produceTo(topic, batch([at(5), at(9), at(9)], { codec: "lz4" })))
    await probe.quiet(Produce, 11, produceTo(topic, batch([at(9), at(1)], { codec: "gzip" })))
    for (const timestamp of [-3, aTime + 6, aTime + 9]) {
      await probe.send(ListOffsets, 7, listOffsetsRequest(topic, timestamp))
    }
  }),
  test("ListOffsets: log append time", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.type": "LogAppendTime" } })
    await probe.quiet(Produce, 11, produceTo(topic, batch([at(0), at(1)])))
    for (const timestamp of [-3, aTime]) await probe.send(ListOffsets, 7, listOffsetsRequest(topic, timestamp))
  })
]

const epochRequest = (topic: Topic, leaderEpoch: number, options: Body = {}): Body => ({
  replicaId: -1,
  topics: [{ topic: topic.name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch, ...options }] }]
})

const epochs: ReadonlyArray<Case> = [
  ...eachVersion(OffsetForLeaderEpoch, [2, 4], "known, older, newer and undefined epochs", async (probe, version) => {
    const topic = await filled(probe)
    for (const epoch of [0, 1, 5, -1]) {
      await probe.send(OffsetForLeaderEpoch, version, epochRequest(topic, epoch), { label: `epoch ${epoch}` })
    }
    for (const currentLeaderEpoch of [0, 1]) {
      await probe.send(OffsetForLeaderEpoch, version, epochRequest(topic, 0, { currentLeaderEpoch }), {
        label: `current epoch ${currentLeaderEpoch}`
      })
    }
    await probe.send(OffsetForLeaderEpoch, version, epochRequest(topic, 0, { partition: 6 }), { label: "partition 6" })
    await probe.send(OffsetForLeaderEpoch, version, epochRequest(unknownTopic, 0), { label: "unknown topic" })
  }),
  test("OffsetForLeaderEpoch: an empty partition", async (probe) => {
    const topic = await probe.topic()
    for (const epoch of [0, 1]) await probe.send(OffsetForLeaderEpoch, 4, epochRequest(topic, epoch))
  })
]

export const offsetCases: ReadonlyArray<Case> = [...listing, ...epochs]
