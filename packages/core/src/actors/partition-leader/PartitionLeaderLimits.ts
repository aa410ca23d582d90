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
  /** Bytes a compressed batch may grow to while it is validated. */
  decompressedBytesMax: 128 * 1024 * 1024
} as const
