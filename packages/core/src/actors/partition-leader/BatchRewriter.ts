import { codecNameOf, type Compressor } from "../../protocol/records/Compression.ts"
import { type RecordCursor, recordOf } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { RecordWriter } from "../../protocol/records/RecordWriter.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"

/** Takes the records as they are. */
const uncompressed = (): Compressor => ({
  write: (bytes) => bytes.slice(),
  end: () => new Uint8Array(0),
  close: () => undefined
})

/**
 * Writes a batch anew as its records are read: in the codec of the topic, with gapless offsets, and never more of it than
 * the topic takes. What `rebuildBatch` does at once. Source: LogValidator.buildRecordsAndAssignOffsets.
 */
export class BatchRewriter {
  private readonly batch: Uint8Array
  private readonly check: BatchCheck
  private readonly codecId: number
  private readonly compressor: Compressor
  private readonly writer = new RecordWriter(0)
  /** What was taken and not compressed yet. */
  private waiting: Array<Uint8Array> = []
  private waitingBytes = 0
  private readonly parts: Array<Uint8Array> = []
  private sizeBytes = RecordBatch.RECORD_BATCH_OVERHEAD
  private count = 0
  private baseTimestamp = 0
  private maxTimestamp = RecordBatch.NO_TIMESTAMP

  constructor(batch: Uint8Array, codecId: number, check: BatchCheck) {
    this.batch = batch
    this.check = check
    this.codecId = codecId
    const name = codecNameOf(codecId) ?? "none"
    this.compressor = name === "none" ? uncompressed() : check.codecs[name].compressor()
  }

  /** Whether {@link BatchRewriter.compress} is due. */
  get isFull(): boolean {
    return this.waitingBytes + this.writer.position >= PartitionLeaderLimits.sliceBytes
  }

  private get isTooLarge(): boolean {
    return this.sizeBytes > this.check.settings.maxMessageBytes
  }

  /** Takes the cursor's record. A large value is not copied: {@link BatchRewriter.compress} is due before it is overwritten. */
  add(cursor: RecordCursor): void {
    const { headers, key, timestamp, value } = recordOf(cursor)
    if (this.count === 0) this.baseTimestamp = timestamp
    this.maxTimestamp = Math.max(this.maxTimestamp, timestamp)
    const offsetDelta = this.count++
    if (this.isTooLarge) return
    const timestampDelta = timestamp - this.baseTimestamp
    const { writer } = this
    if (value === null || value.length < PartitionLeaderLimits.sliceBytes) {
      return writer.write(offsetDelta, timestampDelta, key, value, headers)
    }
    writer.begin(offsetDelta, timestampDelta, key, value, headers, 0)
    this.wait(writer.take())
    this.wait(value)
    writer.end(headers)
  }

  /** Compresses what was taken, in slices. */
  *compress(): Generator<void, void> {
    this.wait(this.writer.take())
    const waiting = this.waiting
    this.waiting = []
    this.waitingBytes = 0
    for (const bytes of waiting) {
      for (let at = 0; at < bytes.length && !this.isTooLarge; at += PartitionLeaderLimits.sliceBytes) {
        this.keep(this.compressor.write(bytes.subarray(at, at + PartitionLeaderLimits.sliceBytes)))
        yield
      }
    }
  }

  /** The batch; undefined when it is larger than the topic takes. */
  *finish(): Generator<void, Uint8Array | undefined> {
    yield* this.compress()
    if (this.isTooLarge) return undefined
    this.keep(this.compressor.end())
    if (this.isTooLarge) return undefined
    const stored = new Uint8Array(this.sizeBytes)
    let to = RecordBatch.RECORD_BATCH_OVERHEAD
    for (const part of this.parts) {
      stored.set(part, to)
      to += part.length
    }
    const isLogAppendTime = this.check.settings.timestampType === "LogAppendTime"
    RecordBatch.writeHeader(stored, 0, {
      baseOffset: 0,
      sizeBytes: stored.length,
      partitionLeaderEpoch: RecordBatch.NO_PARTITION_LEADER_EPOCH,
      attributes: this.codecId | (isLogAppendTime ? RecordBatch.TIMESTAMP_TYPE_MASK : 0) |
        (RecordBatch.isTransactional(this.batch, 0) ? RecordBatch.TRANSACTIONAL_MASK : 0),
      lastOffsetDelta: this.count - 1,
      baseTimestamp: this.baseTimestamp,
      maxTimestamp: isLogAppendTime ? this.check.nowMs : this.maxTimestamp,
      producerId: RecordBatch.producerId(this.batch, 0),
      producerEpoch: RecordBatch.producerEpoch(this.batch, 0),
      baseSequence: RecordBatch.baseSequence(this.batch, 0),
      recordCount: this.count
    })
    return stored
  }

  /** Gives back what the compressor holds. */
  close(): void {
    this.compressor.close()
  }

  private wait(bytes: Uint8Array): void {
    this.waiting.push(bytes)
    this.waitingBytes += bytes.length
  }

  private keep(part: Uint8Array): void {
    this.sizeBytes += part.length
    if (part.length > 0 && !this.isTooLarge) this.parts.push(part)
  }
}
