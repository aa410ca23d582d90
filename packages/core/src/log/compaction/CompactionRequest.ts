import type { CompactionPolicy } from "./cleanableOffsets.ts"

/** What a pass of compaction is told; times in milliseconds. */
export interface CompactionRequest {
  readonly policy: CompactionPolicy
  /** How long a tombstone, or a marker without data, stays after it was first seen by a pass. */
  readonly deleteRetentionMs: number
  readonly lastStableOffset: number
  readonly nowMs: number
  /** Memory for the keys of the dirty part, in bytes; a part with more keys takes several passes. */
  readonly mapBytes: number
}

/** What one pass did. Source: CleanerStats. */
export interface CompactionStats {
  /** Everything below is compacted now. */
  readonly endOffset: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly keys: number
}
