import { apis, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { fetchCommitted } from "../client/offsets.ts"
import { findCoordinator } from "../client/findCoordinator.ts"
import { WireClient } from "../client/WireClient.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think } from "../Setting.ts"

/** Commits offsets for a group without members, ever larger ones, and asks for them. */
export const offsetCommitter: MakeWorkload = (setting, name, random, operations) => {
  const { history } = setting
  const client = new WireClient(setting.world, name)
  const next = new Map<string, number>()

  const commit = Effect.fnUntraced(function*(topic: string, partition: number): Effect.fn.Return<void> {
    const key = `${topic}-${partition}`
    const offset = (next.get(key) ?? 0) + random.between(1, 5)
    next.set(key, offset)
    const askedAt = history.now()
    const tried = yield* attempt(
      setting,
      client.request(apis.OffsetCommit, random.between(2, 9), {
        groupId: name,
        memberId: "",
        topics: [{
          name: topic,
          topicId: Uuid.zero,
          partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: `${offset}` }]
        }]
      })
    )
    const errorCode = tried._tag === "Answered" ? tried.value.topics[0]!.partitions[0]!.errorCode : undefined
    const isAcknowledged = errorCode === ErrorCode.NONE
    history.commits.push({ group: name, topic, partition, offset, askedAt, answeredAt: history.now(), isAcknowledged })
    if (isAcknowledged) return
    if (errorCode !== undefined && !isRetriable(errorCode)) {
      history.surprise(name, `OffsetCommit answered ${codeName(errorCode)}`)
    }
    yield* backOff(random)
  })

  return {
    name,
    run: Effect.gen(function*() {
      yield* findCoordinator(setting, client, random, name)
      for (let i = 0; i < operations && !setting.isOver; i++) {
        const topic = random.pick(setting.topics)
        const partition = random.below(topic.partitions)
        if (random.chance(0.7)) yield* commit(topic.name, partition)
        else yield* fetchCommitted(setting, client, random, name, topic.name, [partition])
        yield* think(setting, random)
      }
      client.close()
    })
  }
}
