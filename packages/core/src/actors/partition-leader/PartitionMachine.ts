/**
 * Decides what becomes of the batches queued at a partition leader: pure but for stamping the batches it accepts, which
 * nobody else may touch any more. One plan covers the batches of one write: what is accepted counts for the next batch
 * of the same plan, and the plan is thrown away once the log has taken its batches.
 *
 * Source: UnifiedLog.append.
 */
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { afterBatch, checkProducer, type Duplicate, type KnownProducer } from "./checkProducer.ts"
import type { AppendOrigin } from "./PartitionLeader.ts"
import type { Rejection } from "./Rejection.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import { type Judged, type tooLargeForTurn, validateBatch } from "./validateBatch.ts"

/** What the log knows when a plan begins. */
export interface LogState {
  /** Offset of the next record. */
  readonly logEndOffset: number
  readonly leaderEpoch: number
  readonly producer: (producerId: number) => KnownProducer | undefined
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

/** The appends of one write, in order. */
export interface AppendPlan {
  readonly check: BatchCheck
  readonly log: LogState
  /** Offset of the next record, once the accepted batches are written. */
  nextOffset: number
  /** Producers with accepted batches that the log does not have yet, save for `unfolded`. */
  readonly producers: Map<number, KnownProducer>
  /** The batch accepted last, when it has a producer: most plans hold one batch, and never look back at it. */
  unfolded: Uint8Array | undefined
}

/** A plan without appends. */
export const beginPlan = (log: LogState, check: BatchCheck): AppendPlan => ({
  check,
  log,
  nextOffset: log.logEndOffset,
  producers: new Map(),
  unfolded: undefined
})

const producerIn = (plan: AppendPlan, producerId: number): KnownProducer | undefined =>
  plan.producers.get(producerId) ?? plan.log.producer(producerId)

const fold = (plan: AppendPlan): void => {
  const batch = plan.unfolded
  if (batch === undefined) return
  plan.unfolded = undefined
  const producerId = RecordBatch.producerId(batch, 0)
  plan.producers.set(producerId, afterBatch(batch, producerIn(plan, producerId)))
}

/** Decides one batch and, when it is accepted, takes it into the plan; `tooLargeForTurn` if it was not judged. */
export const decide = (
  plan: AppendPlan,
  batch: Uint8Array,
  origin: AppendOrigin
): AppendDecision | typeof tooLargeForTurn => {
  const judged = validateBatch(batch, origin, plan.check)
  if (!(judged instanceof Uint8Array) && judged._tag === "TooLargeForTurn") return judged
  return decideJudged(plan, judged, origin)
}

/** Decides one batch whose bytes were judged. */
export const decideJudged = (plan: AppendPlan, stored: Judged, origin: AppendOrigin): AppendDecision => {
  if (!(stored instanceof Uint8Array)) return stored
  const producerId = RecordBatch.producerId(stored, 0)
  const hasProducer = producerId > RecordBatch.NO_PRODUCER_ID
  if (hasProducer) {
    fold(plan)
    const refusal = checkProducer(stored, origin, producerIn(plan, producerId))
    if (refusal !== undefined) return refusal
  }
  const baseOffset = plan.nextOffset
  RecordBatch.setBaseOffset(stored, 0, baseOffset)
  RecordBatch.setPartitionLeaderEpoch(stored, 0, plan.log.leaderEpoch)
  const lastOffset = RecordBatch.lastOffset(stored, 0)
  plan.nextOffset = lastOffset + 1
  if (hasProducer) plan.unfolded = stored
  const { settings, nowMs } = plan.check
  return {
    _tag: "Append",
    bytes: stored,
    baseOffset,
    lastOffset,
    logAppendTimeMs: settings.timestampType === "LogAppendTime" ? nowMs : -1
  }
}
