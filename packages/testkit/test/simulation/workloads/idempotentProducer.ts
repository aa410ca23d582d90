import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { batchOf, onlyPartition, produceRequest, type ProducerIdentity } from "../client/requests.ts"
import { WireClient } from "../client/WireClient.ts"
import type { Send } from "../History.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think, untilAnswered } from "../Setting.ts"

/** Kafka's `max.in.flight.requests.per.connection` with idempotence. */
const IN_FLIGHT_MAX = 5
const VALUE_BYTES_MAX = 80

interface Numbered {
  readonly send: Send
  readonly baseSequence: number
  readonly timestamp: number
  /** The broker's life when it was first sent. */
  readonly life: number
}

/**
 * An idempotent producer with several batches in flight: what has no answer is sent again in order, with the same sequence
 * numbers, until it is in the log exactly once. It never gives up. Source: Sender, TransactionManager.
 */
export const idempotentProducer: MakeWorkload = (setting, name, random, operations) => {
  const { history, world } = setting
  const client = new WireClient(world, name)
  const version = random.between(3, 12)
  const sequences = new Map<string, number>()
  let counter = 0

  const initialise = untilAnswered(
    setting,
    random,
    () =>
      client.request(apis.InitProducerId, random.between(0, 5), {
        transactionalId: null,
        transactionTimeoutMs: 60_000
      }),
    ({ errorCode, producerEpoch, producerId }) => {
      if (errorCode === ErrorCode.NONE) return { producerId, producerEpoch }
      if (!isRetriable(errorCode)) history.surprise(name, `InitProducerId answered ${codeName(errorCode)}`)
      return undefined
    }
  )

  const newBatches = (): ReadonlyArray<Numbered> => {
    const topic = random.pick(setting.topics)
    const partition = random.below(topic.partitions)
    const key = `${topic.name}-${partition}`
    return Array.from({ length: random.between(1, IN_FLIGHT_MAX) }, () => {
      const values = Array.from(
        { length: random.between(1, 3) },
        () => `${name}-${counter++}-${"y".repeat(random.below(VALUE_BYTES_MAX))}`
      )
      const baseSequence = sequences.get(key) ?? 0
      sequences.set(key, baseSequence + values.length)
      const now = history.now()
      const send: Send = {
        producer: name,
        isIdempotent: true,
        acks: -1,
        topic: topic.name,
        partition,
        values,
        beganAt: now,
        sentAt: now,
        attempts: 0,
        outcome: "Open",
        baseOffset: -1,
        endedAt: Infinity
      }
      history.sends.push(send)
      return { send, baseSequence, timestamp: world.wallMs, life: world.current?.number ?? 0 }
    })
  }

  /** Sends all that is left at once; returns what has to be sent again. */
  const sendAll = Effect.fnUntraced(function*(
    left: ReadonlyArray<Numbered>,
    producer: Omit<ProducerIdentity, "baseSequence">
  ): Effect.fn.Return<ReadonlyArray<Numbered>> {
    const requests = left.map(({ baseSequence, send, timestamp }) => {
      send.attempts++
      send.sentAt = history.now()
      const records = batchOf(send.values, timestamp, { ...producer, baseSequence })
      return client.begin(apis.Produce, version, produceRequest(send.topic, send.partition, send.acks, records))
    })
    const again: Array<Numbered> = []
    for (const [i, one] of left.entries()) {
      const tried = yield* attempt(setting, requests[i]!)
      if (tried._tag === "NoAnswer") {
        again.push(one)
        continue
      }
      const { baseOffset, errorCode } = onlyPartition(tried.value)
      const { send } = one
      if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
        send.outcome = "Acknowledged"
        send.baseOffset = baseOffset
        send.endedAt = history.now()
        world.note(name, `has ${send.values[0]!.split("-")[1]} at ${send.topic}-${send.partition}`, baseOffset)
        continue
      }
      // After a batch that failed those behind it are out of order, and are sent again with it.
      const isBehind = errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && again.length > 0
      if (
        errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && i < left.length - 1 &&
        one.life < (world.current?.number ?? 0)
      ) {
        // A snapshot has only the last batch of a producer: behind a restart the broker does not know the others again.
        continue
      }
      if (!isRetriable(errorCode) && !isBehind) {
        history.surprise(
          name,
          `Produce of sequence ${one.baseSequence} to ${send.topic}-${send.partition} answered ${codeName(errorCode)}`
        )
        send.outcome = "Refused"
        continue
      }
      again.push(one)
    }
    return again
  })

  return {
    name,
    run: Effect.gen(function*() {
      const producer = yield* initialise
      for (let done = 0; done < operations && !setting.isOver;) {
        let left = newBatches()
        done += left.length
        while (left.length > 0) {
          left = yield* sendAll(left, producer)
          if (left.length > 0) yield* backOff(random)
        }
        yield* think(setting, random)
      }
      client.close()
    })
  }
}
