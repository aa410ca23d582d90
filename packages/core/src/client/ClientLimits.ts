/** Bounds of the in-process client, each with its reason. */
export const ClientLimits = {
  /** Bytes of one batch before it is compressed: below the usual `max.message.bytes`, with room for what surrounds it. */
  batchBytesMax: 1_000_000,
  /** Bytes of records in one Produce request: others wait for the broker while one request is read. */
  requestBytesMax: 16 * 1024 * 1024,
  /** Bytes that a request has beside its records, generously. */
  requestOverheadBytes: 64 * 1024,
  /** Milliseconds of the clock after which a busy consumer looks for partitions that were added; an idle one at each poll. */
  partitionLookMs: 30_000
} as const
