import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachVersion } from "../Case.ts"
import type { Body } from "../Probe.ts"

const { DescribeQuorum } = apis

type Asked = readonly [topic: string, ...partitions: ReadonlyArray<number>]

const asking = (...asked: ReadonlyArray<Asked>): Body => ({
  topics: asked.map(([topicName, ...partitions]) => ({
    topicName,
    partitions: partitions.map((partitionIndex) => ({ partitionIndex }))
  }))
})

/** Offsets and epochs are each broker's own, and move on while one looks; what they say of each other is compared. */
const view = ({ nodes, topics, ...body }: Body): Body => ({
  ...body,
  topics: topics.map(({ partitions, topicName }: Body) => ({
    topicName,
    partitions: partitions.map(({ currentVoters, highWatermark, leaderEpoch, ...partition }: Body) => ({
      ...partition,
      leaderEpoch: leaderEpoch > 0 ? "<epoch>" : leaderEpoch,
      highWatermark: highWatermark > 0 ? "<offset>" : highWatermark,
      currentVoters: currentVoters.map(({ logEndOffset, ...voter }: Body) => ({
        ...voter,
        isCaughtUp: logEndOffset >= highWatermark
      }))
    }))
  })),
  nodes: nodes.map(({ listeners, nodeId }: Body) => ({ nodeId, listeners: listeners.map(({ name }: Body) => name) }))
})

/** A quorum of one. */
export const quorumCases: ReadonlyArray<Case> = eachVersion(
  DescribeQuorum,
  [0, 2],
  "the metadata log, anything else",
  async (probe, version) => {
    const { name } = await probe.topic()
    const log = "__cluster_metadata"
    await probe.send(DescribeQuorum, version, asking([log, 0]), { view })
    const others: ReadonlyArray<ReadonlyArray<Asked>> = [
      [[name, 0]],
      [["no-such-topic", 0, 1]],
      [[log, 1]],
      [[log, -1]],
      [[log, 0, 0]],
      [[log]],
      [[log, 0], [log, 0]],
      [[log, 0], [name, 0]],
      []
    ]
    for (const asked of others) {
      await probe.send(DescribeQuorum, version, asking(...asked), { label: JSON.stringify(asked) })
    }
  }
)
