/** How often a simulated disk fails. Rates are for each operation, from 0 to 1; all may be changed while it runs. */
export interface SimDiskFaults {
  /** A read fails with `Io`. */
  failedReads: number
  /** An append, truncation, rename, removal or new directory fails with `Io`; of an append any prefix is in the file. */
  failedWrites: number
  /** An append reaches the file in two parts, with a crash or a failure possible between them. */
  shortWrites: number
  /** An open fails with `Io`. */
  failedOpens: number
  /** A listing of a directory fails with `Io`. */
  failedLists: number
  /** A sync of a file or directory fails with `Io`; what it would have covered may be lost whatever later syncs say. */
  failedSyncs: number
  /** Longest time of a sync, in milliseconds. */
  syncMsMax: number
  /** Longest time of any other operation but a close, in milliseconds; 0: done at once. */
  latencyMsMax: number
  /** A bit of a stored file is flipped at a crash. */
  rottenCrashes: number
}

/** A disk that never fails. */
export const noDiskFaults: SimDiskFaults = {
  failedReads: 0,
  failedWrites: 0,
  shortWrites: 0,
  failedOpens: 0,
  failedLists: 0,
  failedSyncs: 0,
  syncMsMax: 0,
  latencyMsMax: 0,
  rottenCrashes: 0
}
