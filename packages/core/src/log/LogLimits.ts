/** Bounds of the log, each with its unit and its reason. */
export const LogLimits = {
  /** Bytes of recent appends kept in memory for all logs of a store together, so that followers of the end do no I/O. */
  tailCacheBytes: 64 * 1024 * 1024,
  /** Bytes of a log's first tail block; an idle log that wrote little holds no more than this. */
  tailBlockBytesMin: 1024,
  /** Bytes of a tail block of a busy log: large enough that a usual fetch is a view or two. */
  tailBlockBytesMax: 1024 * 1024,
  /** Bytes appended since the last read of a segment from which on its log seems to have no follower at its end. */
  tailUnreadBytesMax: 8 * 1024 * 1024,
  /** Bytes of the largest batch that is kept in memory for a log without a follower. */
  tailUnreadBatchBytesMax: 32 * 1024,
  /** Bytes of index entries of inactive segments kept in memory for all logs of a store together. */
  indexCacheBytes: 16 * 1024 * 1024,
  /** Bytes read at a time while a log is scanned from its file; a larger batch is read whole. */
  scanChunkBytes: 256 * 1024,
  /** Bytes of a log that compaction reads before it writes what stays, and before others get a turn. */
  compactionChunkBytes: 1024 * 1024,
  /** Bytes read at a time while headers are looked at to find the batch of an offset. */
  headerWindowBytes: 2 * 1024,
  /** Bytes of one read of a file for a fetch, whatever the request asks for. */
  readBytesMax: 64 * 1024 * 1024,
  /** Records of one batch may not become larger than this when a timestamp is looked up; bytes. */
  decompressedBytesMax: 256 * 1024 * 1024,
  /** The largest offset relative to a segment's base that its indexes can hold. Source: AbstractIndex.toRelative. */
  relativeOffsetMax: 0x7fff_ffff,
  /** Batches remembered per idempotent producer to recognise repeats. Source: ProducerStateEntry.NUM_BATCHES_TO_RETAIN. */
  batchesPerProducer: 5,
  /** Milliseconds between checkpoints of recovery points, as Kafka's `log.flush.offset.checkpoint.interval.ms`. */
  checkpointIntervalMs: 60_000,
  /** Milliseconds between looks for logs whose `flush.ms` is over; syncs come late by at most this. */
  flushCheckIntervalMs: 1_000
} as const
