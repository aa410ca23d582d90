/** Bounds of every connection; the broker settings that override some of them are named. */
export const ConnectionLimits = {
  /** Requests of one connection dispatched and not yet answered. Bounds response memory; only Produce overlaps. */
  inFlightMax: 128,
  /** Bytes of complete but undispatched requests above which the connection stops reading. */
  waitingBytesMax: 1024 * 1024,
  /**
   * Bytes of a frame that is always read, also when no memory is left. A larger frame is read this far and then waits for
   * room. One read of a socket may bring twice as many.
   */
  smallFrameBytesMax: 64 * 1024,
  /** Bytes of the begin of a large frame when no memory is left. */
  unclaimedBytesMin: 8 * 1024,
  /** Without `queued.max.request.bytes`: bytes of requests that all connections of a broker hold. A frame of the default
   * `socket.request.max.bytes` fits beside small ones. */
  queuedRequestBytesMax: 104 * 1024 * 1024,
  /** A frame once begun must arrive within this time, so a slow sender cannot hold memory for ever. */
  frameDeadlineMs: 30_000,
  /** How long a large frame may hold its room before it must have a rate, while others wait for room. */
  largeFrameGraceMs: 1_000,
  /** Bytes that must arrive of it then, on average: 1 MB/s. */
  largeFrameBytesPerMs: 1_000,
  /** How long the connections of a listener begin requests in one turn of the event loop, small ones excepted. */
  turnMs: 10,
  /** Bytes of an answer that is small: who got such a one from an API last is expected to get another. */
  smallAnswerBytesMax: 32 * 1024,
  /** Bytes of answers over all connections, read and not yet taken by their peers, above which answers become small. */
  unsentBytesMax: 48 * 1024 * 1024,
  /** Bytes of them above which no request is begun whose answer may be large. */
  answersBytesMax: 64 * 1024 * 1024,
  /** Bytes above that for requests whose answers are known to be small. */
  smallAnswersBytes: 32 * 1024 * 1024,
  /** Bytes of records an answer may always have. */
  answerBytesMin: 256 * 1024,
  /** How long nothing of an answer is taken before its connection is closed, when others wait for the memory. */
  stalledMs: 250,
  /** The same for an answer of at most `answerBytesMin`: a peer far away takes a little longer than this to take one. */
  stalledSmallMs: 1_000,
  /** How often connections that wait for memory look whether others hold it in vain. */
  memoryCheckMs: 50,
  /** The memory is looked through at most this often, however many wait. */
  memoryLookMs: 10,
  /** Lent buffers that were not used for so long are let go. */
  idleBufferMs: 5_000,
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
