import { Cause } from "effect"
import type { LogStoreError, PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { AppendEntry, MailboxEntry } from "./Mailbox.ts"
import { type AppendDecision, beginPlan, decide, decideJudged } from "./PartitionMachine.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { appended, failedAppend, rejected, rejectedEarly, rejectionResult } from "./Rejection.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import type { Judged, tooLargeForTurn } from "./validateBatch.ts"

/** Source: Partition.appendRecordsToLeader. */
const notEnoughReplicas = rejected(ErrorCode.NOT_ENOUGH_REPLICAS)

const noSpace = rejectedEarly(ErrorCode.KAFKA_STORAGE_ERROR)

/** Appends that go to the log in one write, with what was decided about each. */
export interface WriteGroup {
  /** Cut before the first append that cannot be judged in this turn, so perhaps none. */
  readonly appends: ReadonlyArray<AppendEntry>
  readonly decisions: ReadonlyArray<AppendDecision>
  /** The accepted batches, ready to be written. */
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly addedBytes: number
  /** Where the log ended before the write: a repeat of anything below it is in the log already. */
  readonly startOffset: number
  /** Offset of the first new record with acks -1; -1 when there is none. */
  readonly acksAllFromOffset: number
  /** Exclusive end of what appends with acks -1 have in the log, repeats of older ones too; -1 when there is none. */
  readonly acksAllEndOffset: number
  /** The append behind the last decompresses to too much to be judged at once. */
  readonly isCutAtLarge: boolean
}

/** The run of appends that begins at `from`, cut where one write would become too large. */
export const appendsFrom = (entries: ReadonlyArray<MailboxEntry>, from: number): ReadonlyArray<AppendEntry> => {
  const appends: Array<AppendEntry> = []
  let sizeBytes = 0
  for (let i = from; i < entries.length && sizeBytes < PartitionLeaderLimits.writeBytesMax; i++) {
    const entry = entries[i]!
    if (entry._tag !== "Append") break
    appends.push(entry)
    sizeBytes += entry.batch.length
  }
  return appends
}

/**
 * Decides the appends of one write, until one of them must be judged in slices or the work of this turn is done. `judged` is
 * what the first of them was judged before.
 */
export const beginWrite = (
  log: PartitionLog,
  waiting: ReadonlyArray<AppendEntry>,
  check: BatchCheck,
  partition: { readonly leaderEpoch: number; readonly isUnderMinIsr: boolean },
  judged?: Judged
): WriteGroup => {
  const startOffset = log.logEndOffset
  const plan = beginPlan({
    logEndOffset: startOffset,
    leaderEpoch: partition.leaderEpoch,
    producer: (producerId) => log.producers.entry(producerId)
  }, check)
  const decisions: Array<AppendDecision> = []
  const chunks: Array<Uint8Array> = []
  let addedBytes = 0
  let acksAllFromOffset = -1
  let acksAllEndOffset = -1
  let isCutAtLarge = false
  for (const append of waiting) {
    const { acks, origin } = append.options
    const isAcksAll = acks === -1
    let decision: AppendDecision | typeof tooLargeForTurn
    if (partition.isUnderMinIsr && isAcksAll) decision = notEnoughReplicas
    else if (judged !== undefined && decisions.length === 0) decision = decideJudged(plan, judged, origin)
    else if (check.turn.isSpent) break
    else decision = decide(plan, append.batch, origin)
    if (decision._tag === "TooLargeForTurn") {
      isCutAtLarge = true
      break
    }
    decisions.push(decision)
    if (decision._tag === "Append") {
      chunks.push(decision.bytes)
      addedBytes += decision.bytes.length
      if (isAcksAll && acksAllFromOffset < 0) acksAllFromOffset = decision.baseOffset
    }
    if (isAcksAll && decision._tag !== "Reject" && decision.lastOffset >= acksAllEndOffset) {
      acksAllEndOffset = decision.lastOffset + 1
    }
  }
  const appends = decisions.length === waiting.length ? waiting : waiting.slice(0, decisions.length)
  return { appends, decisions, chunks, addedBytes, startOffset, acksAllFromOffset, acksAllEndOffset, isCutAtLarge }
}

/** Whether a write failed for want of space, which the log survives. */
export const isOutOfSpace = (cause: Cause.Cause<LogStoreError>): boolean => {
  const error = Cause.findErrorOption(cause)
  return error._tag === "Some" && error.value.reason === "NoSpace"
}

/** A write of which only what lies below `logEndOffset` is in the log: everything else is rejected. */
export const cutWrite = (group: WriteGroup, logEndOffset: number): WriteGroup => {
  const isIn = (decision: AppendDecision) => decision._tag === "Reject" || decision.lastOffset < logEndOffset
  const decisions = group.decisions.map((decision) => isIn(decision) ? decision : noSpace)
  const chunks = decisions.flatMap((decision) => decision._tag === "Append" ? [decision.bytes] : [])
  let acksAllEndOffset = -1
  for (const [i, decision] of decisions.entries()) {
    if (decision._tag === "Reject" || group.appends[i]!.options.acks !== -1) continue
    acksAllEndOffset = Math.max(acksAllEndOffset, decision.lastOffset + 1)
  }
  return {
    ...group,
    decisions,
    chunks,
    addedBytes: chunks.reduce((sum, { length }) => sum + length, 0),
    acksAllFromOffset: group.acksAllFromOffset < logEndOffset ? group.acksAllFromOffset : -1,
    acksAllEndOffset
  }
}

/** Whether the append at a place of a write that succeeded is answered once it is durable. */
export const answersAtDurableEnd = (group: WriteGroup, place: number): boolean =>
  group.appends[place]!.options.acks === -1 && group.decisions[place]!._tag !== "Reject"

export interface WriteOutcome {
  /** Why the write failed, or undefined. */
  readonly failure: ErrorCode | undefined
  /** Whether appends with acks -1 need stable storage: a repeat of what is not there yet fails with the log. */
  readonly isAcksAllSynced: boolean
  /** Whether those that `answersAtDurableEnd` names are answered by somebody else, later. */
  readonly isDurabilityAwaited: boolean
}

/** Answers the appends of a write. */
export const completeWrite = (group: WriteGroup, log: PartitionLog, outcome: WriteOutcome): void => {
  const { failure, isAcksAllSynced, isDurabilityAwaited } = outcome
  const logStartOffset = log.logStartOffset
  for (let i = 0; i < group.appends.length; i++) {
    if (isDurabilityAwaited && answersAtDurableEnd(group, i)) continue
    const decision = group.decisions[i]!
    const { complete, options } = group.appends[i]!
    if (decision._tag === "Reject") {
      complete(rejectionResult(decision, logStartOffset))
      continue
    }
    const safeEndOffset = isAcksAllSynced && options.acks === -1
      ? Math.min(log.durableEndOffset, group.startOffset)
      : group.startOffset
    if (failure !== undefined && decision.lastOffset >= safeEndOffset) complete(failedAppend(failure))
    else complete(appended(decision.baseOffset, decision.logAppendTimeMs, logStartOffset))
  }
}
