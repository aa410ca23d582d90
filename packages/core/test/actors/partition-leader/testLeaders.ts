import { Context, Effect, Layer } from "effect"
import {
  type AppendResult,
  type PartitionLeader,
  PartitionLeaders
} from "../../../src/actors/partition-leader/PartitionLeaders.ts"
import { BrokerConfig } from "../../../src/config/BrokerConfig.ts"
import { LogStore } from "../../../src/log/LogStore.ts"
import { LeadershipChanges, type TopicChange } from "../../../src/metadata/LeadershipChanges.ts"
import { Metadata } from "../../../src/metadata/Metadata.ts"
import type { BrokerImage, MetadataImage, PartitionImage, TopicImage } from "../../../src/metadata/MetadataImage.ts"
import type { Uuid } from "../../../src/model/Uuid.ts"
import { ownCodecs } from "../../../src/protocol/records/Compression.ts"
import { buildBatch, type NewRecord } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import type { BatchOptions } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { Compression } from "../../../src/seams/Compression.ts"
import { microtaskTick } from "../../support/microtaskTick.ts"
import { MemoryLogStore } from "./MemoryLogStore.ts"

/** Codecs without a host: gzip and zstd are not used by these tests. */
export const testCodecs = { ...ownCodecs, gzip: ownCodecs.lz4, zstd: ownCodecs.snappy }

export const idOf = (name: string): Uuid => `${name}AAAAAAAAAAAAAAAAAAAAAAAA`.slice(0, 22) as Uuid

export const partitionImage = (partition: number, options: Partial<PartitionImage> = {}): PartitionImage => ({
  partition,
  replicas: [1],
  isr: [1],
  leader: 1,
  leaderEpoch: 0,
  partitionEpoch: 0,
  removingReplicas: [],
  addingReplicas: [],
  leaderRecoveryState: 0,
  directories: [],
  eligibleLeaderReplicas: [],
  lastKnownElr: [],
  ...options
})

export const topicImage = (
  name: string,
  options: {
    readonly id?: Uuid
    readonly partitions?: ReadonlyArray<PartitionImage>
    readonly configs?: Readonly<Record<string, string>>
  } = {}
): TopicImage => ({
  name,
  id: options.id ?? idOf(name),
  partitions: options.partitions ?? [partitionImage(0)],
  configs: new Map(Object.entries(options.configs ?? {}))
})

const brokerAt = (id: number, host: string, port: number, rack: string | null): BrokerImage => ({
  id,
  epoch: 0,
  incarnationId: idOf(host),
  endPoints: [{ name: "PLAINTEXT", host, port, securityProtocol: 0 }],
  features: [],
  rack,
  fenced: false,
  inControlledShutdown: false,
  logDirs: [],
  cordonedLogDirs: null
})
const broker = brokerAt(1, "here", 9092, null)
const otherBroker = brokerAt(2, "there", 9093, "r2")
const noConfigs = new Map<string, string>()

export const imageOf = (...topics: ReadonlyArray<TopicImage>): MetadataImage => ({
  clusterId: "test",
  endOffset: 0,
  controllerId: 1,
  collidingTopic: () => undefined,
  topic: (name) => topics.find((topic) => topic.name === name),
  topicById: (id) => topics.find((topic) => topic.id === id),
  topics: () => topics,
  topicCount: topics.length,
  broker: (id) => [broker, otherBroker].find((candidate) => candidate.id === id),
  brokers: () => [broker, otherBroker],
  configs: () => noConfigs,
  configured: () => [],
  features: new Map(),
  nextProducerId: 0
})

/** Lets a test change what exists, as the controller would. */
export class World extends Context.Service<World, {
  readonly logs: MemoryLogStore
  readonly become: (...topics: ReadonlyArray<TopicImage>) => Effect.Effect<void>
}>()("test/World") {}

const changesBetween = (previous: MetadataImage, next: MetadataImage): ReadonlyArray<TopicChange> => {
  const names = new Set([...previous.topics(), ...next.topics()].map((topic) => topic.name))
  return Array.from(names, (name) => ({ before: previous.topic(name), after: next.topic(name) }))
    .filter(({ after, before }) => after !== before)
}

/** Partition leaders over logs in memory; nothing exists until `World.become`. */
export const testLeaders = Layer.unwrap(Effect.sync(() => {
  const logs = new MemoryLogStore()
  let image = imageOf()
  const seams = Layer.mergeAll(
    Layer.succeed(LogStore, logs.service),
    Layer.succeed(Compression, testCodecs),
    Layer.succeed(Metadata, { current: () => image }),
    Layer.orDie(BrokerConfig.layer()),
    microtaskTick
  )
  const world = Layer.effect(
    World,
    Effect.gen(function*() {
      const changes = yield* LeadershipChanges
      return {
        logs,
        become: (...topics) =>
          Effect.suspend(() => {
            const previous = image
            image = imageOf(...topics)
            return changes.apply(previous, image, changesBetween(previous, image))
          })
      }
    })
  )
  return Layer.provideMerge(world, Layer.provideMerge(PartitionLeaders.layer, seams))
}))

/** A batch as a producer sends it. */
export const batchOf = (
  values: ReadonlyArray<string>,
  options?: BatchOptions,
  record?: Partial<NewRecord>
): Uint8Array =>
  buildBatch(
    values.map((value) => ({ key: null, value: new TextEncoder().encode(value), timestamp: 0, ...record })),
    options
  )

/** Appends and waits for the answer. */
export const appendTo = (
  leader: PartitionLeader,
  batch: Uint8Array,
  options: { readonly acks?: number; readonly origin?: "Client" | "Coordinator" } = {}
): Effect.Effect<AppendResult> =>
  Effect.callback((resume) =>
    leader.append(
      batch,
      { acks: options.acks ?? 1, timeoutMs: 1000, origin: options.origin ?? "Client" },
      (result) => resume(Effect.succeed(result))
    )
  )

/** The leader of a partition that must be led. */
export const leaderOf = Effect.fnUntraced(function*(topic: string, partition = 0) {
  const leader = (yield* PartitionLeaders).find(topic, partition)
  return leader ?? (yield* Effect.die(new Error(`${topic}-${partition} is not led`)))
})
