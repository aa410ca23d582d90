import { apis, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { seeTopic } from "../client/seeTopic.ts"
import { batchOf, onlyPartition, produceRequest, readRecords } from "../client/requests.ts"
import { WireClient } from "../client/WireClient.ts"
import type { Change } from "../History.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think } from "../Setting.ts"

const CONFIG_KEYS = ["max.message.bytes", "retention.ms", "flush.messages"] as const
const PARTITIONS_MAX = 6

/**
 * Makes topics of its own, lets them grow, sets their configs, writes to them, reads them and deletes them, again and again
 * under the same names. After each change it looks whether the broker says so.
 */
export const topicAdmin: MakeWorkload = (setting, name, random, operations) => {
  const { history, world } = setting
  const client = new WireClient(world, name)
  const topics = [`${name}-a`, `${name}-b`]
  /** Partitions as far as this client knows; 0: deleted, or never made. */
  const known = new Map<string, number>()
  let counter = 0

  /** Sends one change until it is known to be done. `done` are the codes that say so. */
  const change = Effect.fnUntraced(function*(
    topic: string,
    what: Change["what"],
    request: () => Effect.Effect<number, never> | Effect.Effect<number, import("../client/WireClient.ts").NoAnswer>,
    done: ReadonlyArray<number>
  ): Effect.fn.Return<void> {
    while (true) {
      const askedAt = history.now()
      const tried = yield* attempt(setting, Effect.suspend(request))
      const isAcknowledged = tried._tag === "Answered" && (tried.value === ErrorCode.NONE || done.includes(tried.value))
      history.changes.push({ topic, what, askedAt, answeredAt: history.now(), isAcknowledged })
      if (isAcknowledged) return world.note(name, `${what._tag} ${topic}`)
      if (tried._tag === "Answered" && !isRetriable(tried.value)) {
        return history.surprise(name, `${what._tag} of ${topic} answered ${codeName(tried.value)}`)
      }
      yield* backOff(random)
    }
  })

  const create = (topic: string) => {
    const partitions = random.between(1, 3)
    known.set(topic, partitions)
    const configs = [{ name: "internal.segment.bytes", value: String(random.between(200, 900)) }]
    return change(topic, { _tag: "Create", partitions }, () =>
      Effect.map(
        client.request(apis.CreateTopics, random.between(2, 7), {
          topics: [{ name: topic, numPartitions: partitions, replicationFactor: 1, assignments: [], configs }],
          timeoutMs: 2_000
        }),
        (answer) => answer.topics[0]!.errorCode
      ), [ErrorCode.TOPIC_ALREADY_EXISTS])
  }

  const remove = (topic: string) => {
    known.set(topic, 0)
    return change(topic, { _tag: "Delete" }, () =>
      Effect.map(
        client.request(apis.DeleteTopics, random.between(1, 5), { topicNames: [topic], topics: [], timeoutMs: 2_000 }),
        ({ responses }) => responses[0]!.errorCode
      ), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
  }

  const grow = (topic: string) => {
    const partitions = known.get(topic)! + 1
    known.set(topic, partitions)
    return change(topic, { _tag: "Grow", partitions }, () =>
      Effect.map(
        client.request(apis.CreatePartitions, random.between(0, 3), {
          topics: [{ name: topic, count: partitions, assignments: null }],
          timeoutMs: 2_000,
          validateOnly: false
        }),
        ({ results }) => results[0]!.errorCode
      ), [ErrorCode.INVALID_PARTITIONS])
  }

  const configure = (topic: string) => {
    const key = random.pick(CONFIG_KEYS)
    const value = String(random.between(100_000, 999_999))
    return change(topic, { _tag: "Configure", key, value }, () =>
      Effect.map(
        client.request(apis.IncrementalAlterConfigs, random.below(2), {
          resources: [{ resourceType: 2, resourceName: topic, configs: [{ name: key, configOperation: 0, value }] }],
          validateOnly: false
        }),
        ({ responses }) => responses[0]!.errorCode
      ), [])
  }

  /** A topic made again under its name must not show what the one before it had. */
  const writeAndRead = Effect.fnUntraced(function*(topic: string): Effect.fn.Return<void> {
    const generation = `${name}-${counter++}`
    const produced = yield* attempt(
      setting,
      client.request(apis.Produce, 9, produceRequest(topic, 0, -1, batchOf([generation], world.wallMs)))
    )
    if (produced._tag === "NoAnswer") return
    const { baseOffset, errorCode } = onlyPartition(produced.value)
    if (errorCode !== ErrorCode.NONE) {
      if (!isRetriable(errorCode)) history.surprise(name, `Produce to ${topic} answered ${codeName(errorCode)}`)
      return
    }
    const fetched = yield* attempt(
      setting,
      client.request(apis.Fetch, 11, {
        maxWaitMs: 100,
        minBytes: 1,
        topics: [{
          topic,
          topicId: Uuid.zero,
          partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: 1_000 }]
        }],
        forgottenTopicsData: []
      })
    )
    if (fetched._tag === "NoAnswer") return
    const partition = fetched.value.responses[0]?.partitions[0]
    if (partition === undefined || isRetriable(partition.errorCode)) return
    const first = readRecords(partition.records as Uint8Array | null, baseOffset)?.[0]
    if (first?.value !== generation) {
      history.surprise(
        name,
        `${topic}-0 has ${
          first?.value ?? codeName(partition.errorCode)
        } at ${baseOffset}, where ${generation} was acknowledged`
      )
    }
  })

  return {
    name,
    run: Effect.gen(function*() {
      for (let i = 0; i < operations && !setting.isOver; i++) {
        const topic = random.pick(topics)
        const partitions = known.get(topic) ?? 0
        if (partitions === 0) yield* create(topic)
        else if (random.chance(0.15)) yield* remove(topic)
        else if (random.chance(0.25) && partitions < PARTITIONS_MAX) yield* grow(topic)
        else if (random.chance(0.3)) yield* configure(topic)
        else if (random.chance(0.6)) yield* writeAndRead(topic)
        else yield* seeTopic(setting, client, random, topic, { withConfigs: partitions > 0 })
        yield* think(setting, random)
      }
      for (const topic of topics) {
        yield* seeTopic(setting, client, random, topic, { withConfigs: (known.get(topic) ?? 0) > 0 })
      }
      client.close()
    })
  }
}
