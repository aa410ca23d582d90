/**
 * Decides what becomes of the batches of one write: pure but for stamping the batches it accepts, which nothing else may
 * touch any more. What is accepted counts for the next batch of the same write; the log's own state changes only once the
 * log has taken them.
 *
 * Source: UnifiedLog.append.
 */
import { type ProducersAhead } from "../../log/ProducerStates.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { type AppendResult, rejected, rejectedEarly, type Rejection } from "./AppendResult.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import { checkProducer, type Duplicate } from "./checkProducer.ts"
import type { AppendOptions, AppendOrigin } from "./PartitionLeader.ts"
import { type Judged, type tooLargeForTurn, validateBatch } from "./validateBatch.ts"

/** A batch that waits to be appended. */
export interface AppendEntry {
  readonly _tag: "Append"
  readonly batch: Uint8Array
  readonly options: AppendOptions
  /** Called by the shell, never by the machine. */
  readonly complete: (result: AppendResult) => void
}

/** The batch goes to the log: stamped with offsets, leader epoch and timestamps. */
export interface Append {
  readonly _tag: "Append"
  readonly bytes: Uint8Array
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 unless the topic stamps records with the append time. */
  readonly logAppendTimeMs: number
}

export type AppendDecision = Append | Duplicate | Rejection

/** The state against which the batches of one write are decided. */
export interface AppendPlan {
  readonly check: BatchCheck
  readonly leaderEpoch: number
  /** Whether fewer replicas are in sync than an append with acks -1 asks for. */
  readonly isUnderMinIsr: boolean
  /** The producers of the log, with the batches accepted so far. */
  readonly producers: ProducersAhead
  /** Offset of the next record, once the batches accepted so far are written. */
  nextOffset: number
}

/** Decides one batch and, when it is accepted, takes it into the plan; `tooLargeForTurn` if it was not judged. */
export const decideBatch = (
  plan: AppendPlan,
  batch: Uint8Array,
  origin: AppendOrigin
): AppendDecision | typeof tooLargeForTurn => {
  const judged = validateBatch(batch, origin, plan.check)
  if (!(judged instanceof Uint8Array) && judged._tag === "TooLargeForTurn") return judged
  return decideJudged(plan, judged, origin)
}

/** Decides one batch whose bytes were judged. */
const decideJudged = (plan: AppendPlan, stored: Judged, origin: AppendOrigin): AppendDecision => {
  if (!(stored instanceof Uint8Array)) return stored
  const producerId = RecordBatch.producerId(stored, 0)
  const hasProducer = producerId > RecordBatch.NO_PRODUCER_ID
  if (hasProducer) {
    const refusal = checkProducer(stored, origin, plan.producers.entry(producerId))
    if (refusal !== undefined) return refusal
  }
  const baseOffset = plan.nextOffset
  RecordBatch.setBaseOffset(stored, 0, baseOffset)
  RecordBatch.setPartitionLeaderEpoch(stored, 0, plan.leaderEpoch)
  const lastOffset = RecordBatch.lastOffset(stored, 0)
  plan.nextOffset = lastOffset + 1
  if (hasProducer) plan.producers.replay(stored)
  const { nowMs, settings } = plan.check
  return {
    _tag: "Append",
    bytes: stored,
    baseOffset,
    lastOffset,
    logAppendTimeMs: settings.timestampType === "LogAppendTime" ? nowMs : -1
  }
}

/** Appends that go to the log in one write, with what was decided about each. */
export interface WriteGroup {
  readonly _tag: "Write"
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

/** Source: Partition.appendRecordsToLeader. */
const notEnoughReplicas = rejected(ErrorCode.NOT_ENOUGH_REPLICAS)

const notWritten = rejectedEarly(ErrorCode.KAFKA_STORAGE_ERROR)

/**
 * Decides the appends of one write, until one of them must be judged in slices or the work of this turn is done. `judged` is
 * what the first of them was judged before.
 */
export const decideWrite = (
  plan: AppendPlan,
  waiting: ReadonlyArray<AppendEntry>,
  judged: Judged | undefined
): WriteGroup => {
  const startOffset = plan.nextOffset
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
    if (plan.isUnderMinIsr && isAcksAll) decision = notEnoughReplicas
    else if (judged !== undefined && decisions.length === 0) decision = decideJudged(plan, judged, origin)
    else if (plan.check.turn.isSpent) break
    else decision = decideBatch(plan, append.batch, origin)
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
  return {
    _tag: "Write",
    appends: decisions.length === waiting.length ? waiting : waiting.slice(0, decisions.length),
    decisions,
    chunks,
    addedBytes,
    startOffset,
    acksAllFromOffset,
    acksAllEndOffset,
    isCutAtLarge
  }
}

/** A write of which only what lies below `logEndOffset` is in the log: everything else is refused, to be sent again. */
export const cutWrite = (group: WriteGroup, logEndOffset: number): WriteGroup => {
  const isIn = (decision: AppendDecision) => decision._tag === "Reject" || decision.lastOffset < logEndOffset
  const decisions = group.decisions.map((decision) => isIn(decision) ? decision : notWritten)
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
