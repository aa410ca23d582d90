import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body } from "../Probe.ts"

const { ElectLeaders } = apis

type Asked = readonly [topic: string, ...partitions: ReadonlyArray<number>]

const PREFERRED = 0
const UNCLEAN = 1

const elect = (electionType: number, asked: ReadonlyArray<Asked> | null, timeoutMs = 10_000): Body => ({
  electionType,
  topicPartitions: asked?.map(([topic, ...partitions]) => ({ topic, partitions })) ?? null,
  timeoutMs
})

/** Elections of leaders where there is one broker, which leads everything. */
export const electionCases: ReadonlyArray<Case> = [
  ...eachVersion(ElectLeaders, [0, 2], "partitions that have a leader, unknown ones", async (probe, version) => {
    const topic = await probe.topic({ partitions: 2 })
    const other = await probe.topic()
    const asked: ReadonlyArray<Asked> = [
      [topic.name, 1, 0, 7, -1],
      ["no-such-topic", 0],
      ["", 0],
      ["a b", 0],
      [other.name, 0, 0]
    ]
    for (const electionType of version === 0 ? [PREFERRED] : [PREFERRED, UNCLEAN]) {
      await probe.send(ElectLeaders, version, elect(electionType, asked), { label: `type ${electionType}` })
    }
  }),
  ...eachVersion(ElectLeaders, [0, 2], "all partitions", async (probe, version) => {
    const { name } = await probe.topic({ partitions: 2 })
    const view = ({ replicaElectionResults, ...body }: Body): Body => ({
      ...body,
      replicaElectionResults: replicaElectionResults.filter(({ topic }: Body) => topic === name)
    })
    for (const electionType of version === 0 ? [PREFERRED] : [PREFERRED, UNCLEAN, 2]) {
      await probe.send(ElectLeaders, version, elect(electionType, null), { label: `type ${electionType}`, view })
    }
    await probe.send(ElectLeaders, version, elect(PREFERRED, null, 0), { label: "no time", view })
  }),
  ...eachOf(
    { "0": 0, "-1": -1, "-128": -128 },
    (timeout) => `ElectLeaders: timeout ${timeout}`,
    async (probe, time) => {
      const { name } = await probe.topic()
      for (const version of [0, 1, 2]) {
        await probe.send(ElectLeaders, version, elect(PREFERRED, [[name, 0], ["no-such-topic", 1]], time))
        await probe.send(ElectLeaders, version, elect(PREFERRED, [], time), { label: "no topics" })
      }
    }
  ),
  test("ElectLeaders: unknown kinds, nothing asked, a topic twice", async (probe) => {
    const { name } = await probe.topic()
    for (const electionType of [2, 100, -1]) {
      for (const version of [1, 2]) {
        const body = elect(electionType, [[name, 0], ["no-such-topic", 1]])
        await probe.send(ElectLeaders, version, body, { label: `v${version} type ${electionType}` })
      }
    }
    await probe.send(ElectLeaders, 2, elect(9, [[name, 0]], 0), { label: "unknown kind, no time" })
    await probe.send(ElectLeaders, 2, elect(9, []), { label: "unknown kind, no topics" })
    await probe.send(ElectLeaders, 2, elect(PREFERRED, []), { label: "no topics" })
    await probe.send(ElectLeaders, 2, elect(PREFERRED, [[name], ["no-such-topic"]]), { label: "no partitions" })
    await probe.send(ElectLeaders, 2, elect(PREFERRED, [[name, 0], [name, 5]]), { label: "a topic twice" })
  })
]
