/** Bounds of every connection; the broker settings that override some of them are named. */
export const ConnectionLimits = {
  /** Requests of one connection dispatched and not yet answered. Bounds response memory; only Produce overlaps. */
  inFlightMax: 128,
  /** Bytes of complete but undispatched requests above which the connection stops reading. */
  waitingBytesMax: 1024 * 1024,
  /** A frame once begun must arrive within this time, so a slow sender cannot hold memory for ever. */
  frameDeadlineMs: 30_000,
  /** Bytes of answers over all connections, read and not yet taken by their peers, above which answers become small. */
  unsentBytesMax: 128 * 1024 * 1024,
  /** Bytes of records an answer may always have. */
  answerBytesMin: 256 * 1024,
  /** How often idle connections and late frames are looked for. */
  sweepIntervalMs: 5_000,
  /** How long a closing broker, or connection, waits for requests that were accepted before it stops answering. */
  drainTimeoutMs: 5_000,
  /** Bytes of the smallest array lent from the pool; a smaller one costs less than the pool. */
  pooledBytesMin: 4 * 1024,
  /** Bytes of a slab from which smaller ones are cut. */
  slabBytes: 64 * 1024,
  /** Bytes of the largest: batches of Kafka's default `message.max.bytes` with room to spare. */
  pooledBytesMax: 2 * 1024 * 1024,
  /** Bytes of pooled buffers kept while no request uses them: five requests of 1 MiB of six connections. */
  idlePooledBytesMax: 32 * 1024 * 1024
} as const
