import { codecIdOf, type CodecName, type CompressionCodecs } from "./Compression.ts"
import type { RecordHeader } from "./Record.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { RecordWriter } from "./RecordWriter.ts"

/** A record to be added to a batch; what is left out is null, empty, or the batch's default. */
export interface NewRecord {
  readonly key?: Uint8Array | null
  readonly value?: Uint8Array | null
  readonly headers?: ReadonlyArray<RecordHeader>
  /** Milliseconds since the epoch, -1 for none; in a batch stamped with an append time stored, but not seen. */
  readonly timestamp: number
  /** Absolute offset; the offset after the previous record's if left out. Must be greater than that one's. */
  readonly offset?: number
}

/** The fields of a batch that are not derived from its records. */
export interface BatchOptions {
  /** 0 if left out, as producers send it. */
  readonly baseOffset?: number
  /** -1 if left out. */
  readonly partitionLeaderEpoch?: number
  /** Uncompressed if left out. */
  readonly compression?: { readonly codec: CodecName; readonly codecs: CompressionCodecs }
  /** Stamps the batch with this time, under timestamp type `LogAppendTime`: readers see it as every record's. */
  readonly logAppendTimeMs?: number
  /** -1 if left out. */
  readonly producerId?: number
  /** -1 if left out. */
  readonly producerEpoch?: number
  /** -1 if left out. */
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Becomes the base timestamp, marked as the delete horizon (written by the cleaner). Source: KIP-534. */
  readonly deleteHorizonMs?: number
  /** Last offset the batch covers when it is above its last record's, as after compaction. */
  readonly lastOffset?: number
}

/**
 * Builds one magic-2 batch in memory, byte for byte as Kafka's Java client does.
 * Source: `MemoryRecordsBuilder`.
 */
export class RecordBatchBuilder {
  private readonly options: BatchOptions
  private readonly baseOffset: number
  private readonly writer = new RecordWriter(RecordBatch.RECORD_BATCH_OVERHEAD)
  private count = 0
  private lastOffset: number
  private baseTimestamp: number | undefined
  private maxTimestamp = RecordBatch.NO_TIMESTAMP

  constructor(options: BatchOptions = {}) {
    this.options = options
    this.baseOffset = options.baseOffset ?? 0
    this.lastOffset = this.baseOffset - 1
    this.baseTimestamp = options.deleteHorizonMs
  }

  get recordCount(): number {
    return this.count
  }

  /** Size of the batch built now, were it not compressed. */
  get uncompressedSizeBytes(): number {
    return this.writer.position
  }

  /** Adds a record; throws `RangeError` if its offset is not above the last one's. */
  append(record: NewRecord): this {
    const offset = record.offset ?? this.lastOffset + 1
    if (offset <= this.lastOffset) throw new RangeError(`offset ${offset} is not above ${this.lastOffset}`)
    const timestamp = record.timestamp
    this.baseTimestamp ??= timestamp
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
    this.writer.write(
      offset - this.baseOffset,
      timestamp - this.baseTimestamp,
      record.key ?? null,
      record.value ?? null,
      record.headers ?? []
    )
    this.lastOffset = offset
    this.count++
    return this
  }

  /** The finished batch in memory of its own. The builder must not be used afterwards. */
  build(): Uint8Array {
    const options = this.options
    const codec = options.compression?.codec ?? "none"
    let bytes = this.writer.bytes()
    if (options.compression !== undefined && codec !== "none") {
      const records = options.compression.codecs[codec].compress(bytes.subarray(RecordBatch.RECORD_BATCH_OVERHEAD))
      bytes = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD + records.length)
      bytes.set(records, RecordBatch.RECORD_BATCH_OVERHEAD)
    }
    RecordBatch.writeHeader(bytes, 0, {
      baseOffset: this.baseOffset,
      sizeBytes: bytes.length,
      partitionLeaderEpoch: options.partitionLeaderEpoch ?? RecordBatch.NO_PARTITION_LEADER_EPOCH,
      attributes: codecIdOf(codec) |
        (options.logAppendTimeMs === undefined ? 0 : RecordBatch.TIMESTAMP_TYPE_MASK) |
        (options.isTransactional === true ? RecordBatch.TRANSACTIONAL_MASK : 0) |
        (options.isControl === true ? RecordBatch.CONTROL_MASK : 0) |
        (options.deleteHorizonMs === undefined ? 0 : RecordBatch.DELETE_HORIZON_MASK),
      lastOffsetDelta: Math.max(this.lastOffset, options.lastOffset ?? -1) - this.baseOffset,
      baseTimestamp: this.baseTimestamp ?? RecordBatch.NO_TIMESTAMP,
      maxTimestamp: options.logAppendTimeMs ?? this.maxTimestamp,
      producerId: options.producerId ?? RecordBatch.NO_PRODUCER_ID,
      producerEpoch: options.producerEpoch ?? RecordBatch.NO_PRODUCER_EPOCH,
      baseSequence: options.baseSequence ?? RecordBatch.NO_SEQUENCE,
      recordCount: this.count
    })
    return bytes
  }
}

/** One batch of these records. */
export const buildBatch = (records: Iterable<NewRecord>, options?: BatchOptions): Uint8Array => {
  const builder = new RecordBatchBuilder(options)
  for (const record of records) builder.append(record)
  return builder.build()
}
