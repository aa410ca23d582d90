import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { WireClient } from "../client/WireClient.ts"
import { attempt, codeName, isRetriable, type MakeWorkload, think } from "../Setting.ts"

/** Deletes records from the start of standing partitions, now and then. */
export const recordTrimmer: MakeWorkload = (setting, name, random, operations) => {
  const { history } = setting
  const client = new WireClient(setting.world, name)
  const trimmed = new Map<string, number>()

  const trim = Effect.fnUntraced(function*(topic: string, partition: number): Effect.fn.Return<void> {
    const key = `${topic}-${partition}`
    const offset = (trimmed.get(key) ?? 0) + random.between(1, 6)
    const askedAt = history.now()
    const tried = yield* attempt(
      setting,
      client.request(apis.DeleteRecords, random.between(0, 2), {
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }],
        timeoutMs: 2_000
      })
    )
    const answer = tried._tag === "Answered" ? tried.value.topics[0]!.partitions[0]! : undefined
    const errorCode = answer?.errorCode
    // The log may be shorter than what is asked for.
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) return
    const isAcknowledged = errorCode === ErrorCode.NONE
    trimmed.set(key, offset)
    history.trims.push({ topic, partition, offset, askedAt, isAcknowledged })
    if (isAcknowledged) {
      if (answer!.lowWatermark < offset) {
        history.surprise(name, `DeleteRecords up to ${offset} answered ${answer!.lowWatermark}`)
      }
    } else if (errorCode !== undefined && !isRetriable(errorCode)) {
      history.surprise(name, `DeleteRecords answered ${codeName(errorCode)}`)
    }
  })

  return {
    name,
    run: Effect.gen(function*() {
      for (let i = 0; i < operations && !setting.isOver; i++) {
        const topic = random.pick(setting.topics)
        yield* trim(topic.name, random.below(topic.partitions))
        yield* think(setting, random)
        yield* think(setting, random)
      }
      client.close()
    })
  }
}
