import { apis, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import type { SimRandom } from "../../../src/simulation/SimRandom.ts"
import { codeName, isRetriable, type Setting, untilAnswered } from "../Setting.ts"
import type { WireClient } from "./WireClient.ts"

/** Asks, until it is told, what a group has committed for partitions of one topic; -1: nothing. */
export const fetchCommitted = (
  setting: Setting,
  client: WireClient,
  random: SimRandom,
  group: string,
  topic: string,
  partitions: ReadonlyArray<number>
): Effect.Effect<ReadonlyMap<number, number>> => {
  const { history } = setting
  let askedAt = 0
  return untilAnswered(
    setting,
    random,
    () => {
      askedAt = history.now()
      return client.request(apis.OffsetFetch, 8, {
        groupId: group,
        topics: null,
        groups: [{ groupId: group, topics: [{ name: topic, topicId: Uuid.zero, partitionIndexes: partitions }] }],
        requireStable: true
      })
    },
    ({ groups }) => {
      const answer = groups[0]!
      const failed = answer.errorCode !== ErrorCode.NONE
        ? answer.errorCode
        : answer.topics[0]?.partitions.find(({ errorCode }) => errorCode !== ErrorCode.NONE)?.errorCode
      if (failed !== undefined) {
        if (!isRetriable(failed)) history.surprise(group, `OffsetFetch answered ${codeName(failed)}`)
        return undefined
      }
      const answeredAt = history.now()
      const committed = new Map<number, number>()
      for (const { committedOffset, partitionIndex } of answer.topics[0]?.partitions ?? []) {
        committed.set(partitionIndex, committedOffset)
        history.committedReads.push({
          group,
          topic,
          partition: partitionIndex,
          offset: committedOffset,
          askedAt,
          answeredAt
        })
      }
      return committed
    }
  )
}
