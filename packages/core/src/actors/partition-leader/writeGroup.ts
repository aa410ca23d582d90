import type { PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { AppendEntry, MailboxEntry } from "./Mailbox.ts"
import { type AppendDecision, beginPlan, decide } from "./PartitionMachine.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { appended, failedAppend, rejected, rejectionResult } from "./Rejection.ts"
import type { BatchCheck } from "./validateBatch.ts"

/** Source: Partition.appendRecordsToLeader. */
const notEnoughReplicas = rejected(ErrorCode.NOT_ENOUGH_REPLICAS)

/** Appends that go to the log in one write, with what was decided about each. */
export interface WriteGroup {
  readonly appends: ReadonlyArray<AppendEntry>
  readonly decisions: ReadonlyArray<AppendDecision>
  /** The accepted batches, ready to be written. */
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly addedBytes: number
  /** Where the log ended before the write: a repeat of anything below it is in the log already. */
  readonly startOffset: number
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

/** Decides all appends of one write. */
export const beginWrite = (
  log: PartitionLog,
  appends: ReadonlyArray<AppendEntry>,
  check: BatchCheck,
  partition: { readonly leaderEpoch: number; readonly isUnderMinIsr: boolean }
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
  for (const append of appends) {
    const decision = partition.isUnderMinIsr && append.options.acks === -1
      ? notEnoughReplicas
      : decide(plan, append.batch, append.options.origin)
    decisions.push(decision)
    if (decision._tag === "Append") {
      chunks.push(decision.bytes)
      addedBytes += decision.bytes.length
    }
  }
  return { appends, decisions, chunks, addedBytes, startOffset }
}

/** Answers all appends of a write that succeeded, or that failed with `failure`. */
export const completeWrite = (group: WriteGroup, log: PartitionLog, failure: ErrorCode | undefined): void => {
  const logStartOffset = log.logStartOffset
  for (let i = 0; i < group.appends.length; i++) {
    const decision = group.decisions[i]!
    const complete = group.appends[i]!.complete
    if (decision._tag === "Reject") {
      complete(rejectionResult(decision, logStartOffset))
    } else if (failure !== undefined && decision.lastOffset >= group.startOffset) {
      complete(failedAppend(failure))
    } else {
      complete(appended(decision.baseOffset, decision.logAppendTimeMs, logStartOffset))
    }
  }
}
