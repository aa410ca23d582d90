/** The topic settings that say which records are deleted for their age or for want of room. */
export interface RetentionPolicy {
  /** Whether `cleanup.policy` has `delete`; without it only what lies below the log start goes. */
  readonly isDeleted: boolean
  /** Milliseconds; negative: records of any age stay. */
  readonly retentionMs: number
  /** Bytes of a partition; negative: no limit. */
  readonly retentionBytes: number
}

/** A log as retention looks at it. */
export interface RetainedLog {
  /** Ascending; the last one is active. */
  readonly segments: ReadonlyArray<RetainedSegment>
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
}

/** A segment as retention looks at it. */
export interface RetainedSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Largest timestamp of its records, or when its file was last written to when none has one; milliseconds. */
  readonly largestTimestamp: number
}

/**
 * How many of the oldest segments go: those wholly below the log start, then those without which the log still has
 * `retention.bytes`, then those whose newest record is older than `retention.ms`. All of them: the active one too, which is
 * rolled before. Nothing at or above the high watermark goes. Source: UnifiedLog.deleteOldSegments.
 */
export const expiredSegmentCount = (log: RetainedLog, policy: RetentionPolicy, nowMs: number): number => {
  const { segments } = log
  const endOf = (index: number): number => segments[index + 1]?.baseOffset ?? log.logEndOffset
  const isBelowHighWatermark = (index: number): boolean =>
    index < segments.length && endOf(index) <= log.highWatermark &&
    (index + 1 < segments.length || segments[index]!.sizeBytes > 0)
  let count = 0
  while (count + 1 < segments.length && isBelowHighWatermark(count) && endOf(count) <= log.logStartOffset) count++
  if (!policy.isDeleted) return count
  if (policy.retentionBytes >= 0) {
    let excessBytes = -policy.retentionBytes
    for (const { sizeBytes } of segments.slice(count)) excessBytes += sizeBytes
    while (isBelowHighWatermark(count) && excessBytes >= segments[count]!.sizeBytes) {
      excessBytes -= segments[count]!.sizeBytes
      count++
    }
  }
  if (policy.retentionMs >= 0) {
    while (isBelowHighWatermark(count) && nowMs - segments[count]!.largestTimestamp > policy.retentionMs) count++
  }
  return count
}

/** From when on the oldest segment of a log may be deleted for its age; infinite when age alone never does. */
export const retentionDueMs = (oldest: RetainedSegment, policy: RetentionPolicy): number =>
  policy.isDeleted && policy.retentionMs >= 0 ? oldest.largestTimestamp + policy.retentionMs + 1 : Infinity
