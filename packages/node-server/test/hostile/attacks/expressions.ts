/** A4: subscriptions by regular expressions that are hard to match. */
import { ConsumerGroupHeartbeat } from "../../../../core/src/protocol/apis/ConsumerGroupHeartbeat.ts"
import { Peer } from "../Peer.ts"
import { type Attack, connectMany, createTopics, type Field, pause, untilOver } from "./Attack.ts"

const heartbeat = (groupId: string, memberId: string, regex: string) => ({
  groupId,
  memberId,
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: [],
  subscribedTopicRegex: regex,
  serverAssignor: null,
  topicPartitions: []
})

const regexes = (
  name: string,
  topics: (index: number) => string,
  count: number,
  make: (field: Field) => string
): Attack => ({
  kind: "A4",
  name,
  prepare: async (field) => {
    await createTopics(field.port, Array.from({ length: count }, (_, index) => topics(index)))
    return async () => {
      const peers = await connectMany(field.port, 3)
      for (const peer of peers) peer.drain()
      let members = 0
      const join = (peer: Peer): Promise<void> => {
        const member = `member-${++members}`
        return peer.send(ConsumerGroupHeartbeat, 1, heartbeat(`group-${members}`, member, make(field)))
      }
      await untilOver(field, peers, async () => {
        await Promise.all(peers.map(join))
        await pause(20)
      })
    }
  }
})

const names = (index: number): string => `some-topic-with-a-usual-name-${index}`

export const expressions: ReadonlyArray<Attack> = [
  regexes(".? three thousand times, over 1,000 topics", names, 1000, () => ".?".repeat(3000)),
  regexes("ten .? two hundred times, over 1,000 topics", names, 1000, () => `(${".?".repeat(10)}){200}`),
  regexes(
    "a? and a three thousand times, over 200 topics of a",
    (index) => "a".repeat(203 - (index % 4)) + index,
    200,
    () => "a?".repeat(3000) + "a".repeat(3000)
  ),
  regexes(
    "(a|a|b.*)* and classes, a new expression in each group",
    names,
    1000,
    (field) =>
      `(.*${String.fromCharCode(97 + field.draw(26))}[a-z]{${1 + field.draw(100)}}|(s|so|som.*)*){${1 + field.draw(9)}}`
  ),
  regexes(
    "an automaton of many states, over 1,000 topics",
    names,
    1000,
    (field) => `.*[${"aeiouts"[field.draw(7)]!}-].{${10 + field.draw(8)}}.*`
  )
]
