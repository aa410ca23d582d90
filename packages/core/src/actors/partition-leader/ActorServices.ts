import type { Semaphore } from "effect"
import type { TopicSettings } from "../../config/TopicSettings.ts"
import type { LogStore } from "../../log/LogStore.ts"
import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { CompressionCodecs } from "../../protocol/records/Compression.ts"
import type { Tick } from "../../seams/Tick.ts"
import type { DurabilityServices } from "./DurableAcks.ts"
import type { TurnWork } from "./TurnWork.ts"

/** What all partition actors of a broker share. */
export interface ActorServices extends DurabilityServices {
  readonly logStore: LogStore["Service"]
  readonly tick: Tick["Service"]
  readonly codecs: CompressionCodecs
  readonly turn: TurnWork
  /** Held by the one batch that is judged in slices: each may keep a record as large as `decompressedBytesMax`. */
  readonly slices: Semaphore.Semaphore
  /** `producer.id.expiration.ms`: how long a producer is known after its last batch. */
  readonly producerExpirationMs: number
  /** `kafka.broker.acks.all.durability`: whether an append with acks -1 is answered once it is on stable storage. */
  readonly isAcksAllSynced: boolean
}

/** The partition an actor leads, and how. */
export interface PartitionActorOptions {
  readonly topicPartition: TopicPartition
  readonly topicId: string
  readonly leaderEpoch: number
  readonly settings: TopicSettings
  readonly services: ActorServices
}
