/** Bounds of the partition leaders, each with its unit and its reason. */
export const PartitionLeaderLimits = {
  /** Appends and tasks waiting at one partition. Connections hold far fewer; beyond it an append is refused. */
  mailboxEntriesMax: 65_536,
  /** Bytes of batches waiting at one partition: above the largest request, so a lone one is never refused. */
  mailboxBytesMax: 256 * 1024 * 1024,
  /** Bytes after which a drain is cut into another write, so that one write does not hold up its first replies. */
  writeBytesMax: 8 * 1024 * 1024,
  /** A partition without use for this long closes its log and ends its fiber; milliseconds. */
  idleRestMs: 5 * 60_000,
  /** How often idle partitions are looked for; milliseconds. */
  restSweepMs: 60_000,
  /**
   * Syncs under way at the same time: most disks do them beside each other (four make three to four times the syncs of one),
   * and Node's pool has four threads. The pool keeps order, so a cold read or a large write waits for one sync at most.
   */
  syncsMax: 4,
  /** Logs that are closed at the same time when the broker stops; each has a few files open meanwhile. */
  closesMax: 64,
  /**
   * Bytes a compressed batch may grow to when it is validated at once: producers collect less than a megabyte for a batch. More
   * is validated in slices.
   */
  decompressedAtOnceBytesMax: 2 * 1024 * 1024,
  /**
   * Bytes of batches and of what they decompress to, for all partitions in one turn of the loop: some 10 ms of work, up to
   * 30 for gzip. What comes beyond them waits for the next turn.
   */
  validatedInTurnBytesMax: 8 * 1024 * 1024,
  /** Bytes that are decompressed, or compressed, between two turns while a batch is validated in slices: below a millisecond. */
  sliceBytes: 256 * 1024,
  /** Bytes a compressed batch may grow to. */
  decompressedBytesMax: 128 * 1024 * 1024,
  /** Bytes all batches of one request may grow to that are validated in slices: a second or two of work, between others'. */
  decompressedInRequestBytesMax: 8 * 1024 * 1024 * 1024,
  /** Bytes to which messages of magic 0 and 1 may grow: they are read at once. Clients that write them collect a megabyte. */
  convertedBytesMax: 4 * 1024 * 1024
} as const
