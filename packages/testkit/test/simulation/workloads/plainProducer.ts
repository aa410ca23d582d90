import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { batchOf, onlyPartition, produceRequest } from "../client/requests.ts"
import { WireClient } from "../client/WireClient.ts"
import type { Send } from "../History.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think } from "../Setting.ts"

/** Tries of one batch after which a producer gives it up, as `delivery.timeout.ms` does. */
const ATTEMPTS_MAX = 8
/** Bytes of the longest value: with them segments of a few hundred bytes roll each few records. */
const VALUE_BYTES_MAX = 120

/** A producer without idempotence: what it sends again may be in the log twice, and what it gives up may be there. */
export const plainProducer: MakeWorkload = (setting, name, random, operations) => {
  const { history, world } = setting
  const client = new WireClient(world, name)
  const version = random.between(3, 12)
  let counter = 0

  const newSend = (): Send => {
    const topic = random.pick(setting.topics)
    const count = random.between(1, 4)
    const values: Array<string> = []
    for (let i = 0; i < count; i++) values.push(`${name}-${counter++}-${"x".repeat(random.below(VALUE_BYTES_MAX))}`)
    const now = history.now()
    return {
      producer: name,
      isIdempotent: false,
      acks: topic.isMixed ? random.pick([0, 1, 1, -1] as const) : -1,
      topic: topic.name,
      partition: random.below(topic.partitions),
      values,
      beganAt: now,
      sentAt: now,
      attempts: 0,
      outcome: "Open",
      baseOffset: -1,
      endedAt: Infinity
    }
  }

  const produce = Effect.fnUntraced(function*(send: Send): Effect.fn.Return<void> {
    const timestamp = world.wallMs
    const body = () => produceRequest(send.topic, send.partition, send.acks, batchOf(send.values, timestamp))
    if (send.acks === 0) {
      send.attempts++
      history.operations++
      client.send(apis.Produce, version, body())
      return
    }
    while (send.attempts < ATTEMPTS_MAX) {
      send.attempts++
      send.sentAt = history.now()
      const tried = yield* attempt(setting, client.request(apis.Produce, version, body()))
      if (tried._tag === "Answered") {
        const { baseOffset, errorCode } = onlyPartition(tried.value)
        if (errorCode === ErrorCode.NONE) {
          send.outcome = "Acknowledged"
          send.baseOffset = baseOffset
          send.endedAt = history.now()
          world.note(
            name,
            `has ${send.values[0]!.split("-")[1]} at ${send.topic}-${send.partition} acks ${send.acks}`,
            baseOffset
          )
          return
        }
        if (!isRetriable(errorCode)) {
          send.outcome = "Refused"
          return history.surprise(name, `Produce answered ${codeName(errorCode)}`)
        }
      }
      yield* backOff(random)
    }
  })

  return {
    name,
    run: Effect.gen(function*() {
      for (let i = 0; i < operations && !setting.isOver; i++) {
        const send = newSend()
        history.sends.push(send)
        yield* produce(send)
        yield* think(setting, random)
      }
      client.close()
    })
  }
}
