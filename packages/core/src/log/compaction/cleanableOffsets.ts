/** A segment as compaction and retention look at it. */
export interface SegmentSummary {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Largest timestamp of its records, in milliseconds; -1 when none has one. */
  readonly maxTimestamp: number
  /** Timestamp of its first batch, in milliseconds; -1 when unknown. */
  readonly firstTimestamp: number
}

/** A log as compaction looks at it; `segments` ascend and end with the active one. */
export interface CleanableLog {
  readonly segments: ReadonlyArray<SegmentSummary>
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly lastStableOffset: number
}

/** The topic settings that say when a log is compacted; milliseconds. */
export interface CompactionPolicy {
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
}

/** What of a log can be compacted, and how much it needs it. Source: LogToClean. */
export interface CleanableRange {
  /** Everything below was compacted before. */
  readonly firstDirtyOffset: number
  /** Base offset of the first segment that must not be compacted yet; exclusive end of the range. */
  readonly firstUncleanableOffset: number
  /** Whether the offset of an earlier compaction lies outside of the log, so that all is compacted again. */
  readonly wasReset: boolean
  readonly cleanableBytes: number
  /** Cleanable bytes of all bytes below the range's end; 0 for an empty range. */
  readonly dirtyRatio: number
  /** Whether a record waits longer than `max.compaction.lag.ms`. */
  readonly isOverdue: boolean
}

const sizeOf = (segments: ReadonlyArray<SegmentSummary>): number =>
  segments.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0)

/**
 * The part of a log that a pass may compact: whole segments below the active one, below the last stable offset, and older
 * than `min.compaction.lag.ms`. `lastCleanOffset` is where the last pass ended, undefined before the first.
 * Source: LogCleanerManager.cleanableOffsets, calculateCleanableBytes, maxCompactionDelay.
 */
export const cleanableRange = (
  log: CleanableLog,
  policy: CompactionPolicy,
  lastCleanOffset: number | undefined,
  nowMs: number
): CleanableRange => {
  const { logEndOffset, logStartOffset, segments } = log
  const checkpoint = lastCleanOffset ?? logStartOffset
  const wasReset = checkpoint < logStartOffset || checkpoint > logEndOffset
  const firstDirtyOffset = wasReset ? logStartOffset : checkpoint
  const inactive = segments.slice(0, -1)
  const activeBase = segments[inactive.length]?.baseOffset ?? logStartOffset
  const ends = inactive.map((_, index) => segments[index + 1]!.baseOffset)
  const dirty = inactive.filter((_, index) => ends[index]! > firstDirtyOffset)
  const tooYoung = policy.minCompactionLagMs > 0
    ? dirty.find(({ maxTimestamp }) => maxTimestamp > nowMs - policy.minCompactionLagMs)
    : undefined
  const bound = Math.min(log.lastStableOffset, activeBase, tooYoung?.baseOffset ?? Infinity)
  const uncleanable = Math.max(firstDirtyOffset, bound)
  // Segments are compacted whole: the one that holds the bound is the first that is not.
  const firstKept = inactive.findIndex((_, index) => ends[index]! > uncleanable)
  const firstUncleanableOffset = firstKept < 0 ? activeBase : inactive[firstKept]!.baseOffset
  const below = inactive.filter(({ baseOffset }) => baseOffset < firstUncleanableOffset)
  const cleanableBytes = sizeOf(below.filter((_, index) => ends[index]! > firstDirtyOffset))
  const totalBytes = sizeOf(below)
  const earliest = Math.min(...dirty.map(({ firstTimestamp }) => firstTimestamp > 0 ? firstTimestamp : Infinity))
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    wasReset,
    cleanableBytes,
    dirtyRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    isOverdue: earliest < nowMs - Math.max(0, policy.maxCompactionLagMs)
  }
}

/** Whether a pass over the range is due. Source: LogCleanerManager.grabFilthiestCompactedLog. */
export const isCleaningDue = (range: CleanableRange, policy: CompactionPolicy): boolean =>
  range.cleanableBytes > 0 && (range.isOverdue || range.dirtyRatio > policy.minCleanableDirtyRatio)

/** What limits a segment that replaces several. */
export interface SegmentBounds {
  readonly segmentBytes: number
  /** Largest distance of an offset from its segment's base. */
  readonly relativeOffsetMax: number
}

/**
 * Cuts segments into runs that fit into one segment each, so that compaction does not leave ever smaller ones. `endOffset`
 * is the exclusive end of the last. Source: Cleaner.groupSegmentsBySize.
 */
export const groupSegments = <A extends { readonly baseOffset: number; readonly sizeBytes: number }>(
  segments: ReadonlyArray<A>,
  endOffset: number,
  bounds: SegmentBounds
): Array<Array<A>> => {
  const groups: Array<Array<A>> = []
  let sizeBytes = 0
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.baseOffset ?? endOffset
    const group = groups[groups.length - 1]
    const fits = group !== undefined && sizeBytes + segment.sizeBytes <= bounds.segmentBytes &&
      end - 1 - group[0]!.baseOffset <= bounds.relativeOffsetMax
    if (fits) {
      group.push(segment)
      sizeBytes += segment.sizeBytes
    } else {
      groups.push([segment])
      sizeBytes = segment.sizeBytes
    }
  }
  return groups
}
