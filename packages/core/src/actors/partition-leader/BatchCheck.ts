import type { TopicPartition } from "../../model/TopicPartition.ts"
import type { CodecName, CompressionCodecs } from "../../protocol/records/Compression.ts"
import type * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import type { TurnWork } from "./TurnWork.ts"

/** What a topic asks of the batches appended to it. */
export interface AppendSettings {
  /** `max.message.bytes`: whole batches, overhead included. */
  readonly maxMessageBytes: number
  /** `segment.bytes`. */
  readonly segmentBytes: number
  /** Whether `cleanup.policy` contains `compact`. */
  readonly isCompacted: boolean
  /** `message.timestamp.type`. */
  readonly timestampType: RecordBatch.TimestampType
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  /** `compression.type`; `producer` keeps the codec of the batch. */
  readonly compression: CodecName | "producer"
}

/** Beside the bytes, all that the judgement depends on. */
export interface BatchCheck {
  readonly topicPartition: TopicPartition
  readonly settings: AppendSettings
  readonly codecs: CompressionCodecs
  /** Bytes a compressed batch may grow to when it is validated at once. */
  readonly decompressedAtOnceBytesMax: number
  /** Bytes a compressed batch may grow to when it is validated in slices. */
  readonly decompressedBytesMax: number
  /** Counts what is done at once. */
  readonly turn: Pick<TurnWork, "isSpent" | "spend">
  readonly nowMs: number
}
