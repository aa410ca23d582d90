import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body } from "../Probe.ts"

const { AlterPartitionReassignments, ListPartitionReassignments } = apis

type Target = readonly [partition: number, replicas: ReadonlyArray<number> | null]

const alter = (name: string, targets: ReadonlyArray<Target>, options: Body = {}): Body => ({
  timeoutMs: 10_000,
  topics: [{
    name,
    partitions: targets.map(([partitionIndex, replicas]) => ({ partitionIndex, replicas }))
  }],
  ...options
})

const targets: Readonly<Record<string, ReadonlyArray<Target>>> = {
  "where it is": [[0, [1]]],
  "both where they are": [[0, [1]], [1, [1]]],
  "no replicas": [[0, []]],
  "an unknown broker": [[0, [9]]],
  "a negative broker": [[0, [-1]]],
  "a known and an unknown broker": [[0, [1, 2]]],
  "a broker twice": [[0, [1, 1]]],
  "nothing under way to stop": [[0, null]],
  "a partition beyond the last": [[7, [1]]],
  "a negative partition": [[-1, [1]]],
  "a good one among bad ones": [[7, [1]], [0, [1]], [1, [9]]],
  "the same partition twice": [[0, [1]], [0, [9]]],
  "no partitions": []
}

/** Moves of partitions between brokers, of which there is one. */
export const reassignmentCases: ReadonlyArray<Case> = [
  ...eachOf(targets, (what) => `AlterPartitionReassignments: ${what}`, async (probe, partitions) => {
    const topic = await probe.topic({ partitions: 2 })
    await probe.send(AlterPartitionReassignments, 1, alter(topic.name, partitions))
    await probe.send(AlterPartitionReassignments, 1, alter(topic.name, partitions, { timeoutMs: 0 }), {
      label: "no time"
    })
  }),
  ...eachVersion(AlterPartitionReassignments, [0, 1], "an unknown topic, no topic", async (probe, version) => {
    await probe.send(AlterPartitionReassignments, version, alter("no-such-topic", [[0, [1]], [1, null]]))
    await probe.send(AlterPartitionReassignments, version, alter("", [[0, [1]]]), { label: "empty name" })
    await probe.send(AlterPartitionReassignments, version, { timeoutMs: 1_000, topics: [] }, { label: "none" })
    await probe.send(AlterPartitionReassignments, version, { timeoutMs: 0, topics: [] }, { label: "none, no time" })
  }),
  test("AlterPartitionReassignments: the number of replicas stays", async (probe) => {
    const topic = await probe.topic({ partitions: 2 })
    const options = { allowReplicationFactorChange: false }
    await probe.send(AlterPartitionReassignments, 1, alter(topic.name, [[0, [1]], [1, null]], options))
    await probe.send(AlterPartitionReassignments, 1, alter(topic.name, [[0, [1, 2]], [1, []]], options), {
      label: "more"
    })
  }),
  test("ListPartitionReassignments: all, one, unknown", async (probe) => {
    const topic = await probe.topic({ partitions: 2 })
    await probe.send(AlterPartitionReassignments, 1, alter(topic.name, [[0, [1]]]))
    const asked = (name: string, ...partitionIndexes: ReadonlyArray<number>) => ({
      timeoutMs: 5_000,
      topics: [{ name, partitionIndexes }]
    })
    await probe.send(ListPartitionReassignments, 0, { timeoutMs: 5_000, topics: null }, { label: "all" })
    await probe.send(ListPartitionReassignments, 0, { timeoutMs: 0, topics: null }, { label: "no time" })
    await probe.send(ListPartitionReassignments, 0, { timeoutMs: 5_000, topics: [] }, { label: "none" })
    await probe.send(ListPartitionReassignments, 0, asked(topic.name, 0, 1, 9, -1), { label: "one" })
    await probe.send(ListPartitionReassignments, 0, asked("no-such-topic", 0), { label: "unknown" })
  })
]
