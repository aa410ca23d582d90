/**
 * The queue of a partition leader: a part of its state, from `queueAt` on, bounded by entries and by bytes. What `step` does
 * with a new entry, and how the front is taken.
 */
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { AppendEntry } from "./AppendPlan.ts"
import { failedAppend } from "./AppendResult.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import {
  type Entry,
  noEntries,
  type PartitionEffect,
  type PartitionState,
  refusalOf,
  type TaskEntry
} from "./PartitionState.ts"

type Effects = Array<PartitionEffect>

const askTick: PartitionEffect = { _tag: "AskTick" }
const noEffects: Effects = []

const push = (state: PartitionState, entry: Entry): void => {
  if (state.queue === noEntries) state.queue = [entry]
  else state.queue.push(entry)
}

export const queueLength = (state: PartitionState): number => state.queue.length - state.queueAt

/** Takes the first `count` entries off the queue. */
export const dropFirst = (state: PartitionState, count: number): void => {
  for (const end = state.queueAt + count; state.queueAt < end; state.queueAt++) {
    const entry = state.queue[state.queueAt]!
    if (entry._tag === "Append") state.queueBytes -= entry.batch.length
  }
  if (state.queueAt < state.queue.length) return
  // Shared by all empty queues, so that a cold partition holds none.
  state.queue = noEntries
  state.queueAt = 0
}

export const offerAppend = (state: PartitionState, append: AppendEntry): ReadonlyArray<PartitionEffect> => {
  const refusal = refusalOf(state)
  if (refusal !== undefined) return [{ _tag: "Answer", append, result: failedAppend(refusal) }]
  const queueBytes = state.queueBytes + append.batch.length
  if (
    queueLength(state) >= PartitionLeaderLimits.mailboxEntriesMax || queueBytes > PartitionLeaderLimits.mailboxBytesMax
  ) {
    // Certain not to be in the log, and every client sends it again.
    return [{ _tag: "Answer", append, result: failedAppend(ErrorCode.NOT_ENOUGH_REPLICAS) }]
  }
  state.queueBytes = queueBytes
  push(state, append)
  if (state.isTickAsked) return noEffects
  state.isTickAsked = true
  return [askTick]
}

/** Tasks are few and always taken. */
export const offerTask = (state: PartitionState, task: TaskEntry, out: Effects): void => {
  const refusal = refusalOf(state)
  if (refusal !== undefined) {
    out.push({ _tag: "AnswerTask", task, refusal })
    return
  }
  push(state, task)
  if (state.isTickAsked) return
  state.isTickAsked = true
  out.push(askTick)
}

export const failEntry = (entry: Entry, errorCode: ErrorCode, out: Effects): void => {
  if (entry._tag === "Append") out.push({ _tag: "Answer", append: entry, result: failedAppend(errorCode) })
  else if (!entry.isCancelled) out.push({ _tag: "AnswerTask", task: entry, refusal: errorCode })
}

export const failQueue = (state: PartitionState, errorCode: ErrorCode, out: Effects): void => {
  for (let i = state.queueAt; i < state.queue.length; i++) failEntry(state.queue[i]!, errorCode, out)
  dropFirst(state, queueLength(state))
}

/** The run of appends at the front of the queue, cut where one write would become too large. */
export const firstAppends = (state: PartitionState): ReadonlyArray<AppendEntry> => {
  const appends: Array<AppendEntry> = []
  let sizeBytes = 0
  for (let i = state.queueAt; i < state.queue.length && sizeBytes < PartitionLeaderLimits.writeBytesMax; i++) {
    const entry = state.queue[i]!
    if (entry._tag !== "Append") break
    appends.push(entry)
    sizeBytes += entry.batch.length
  }
  return appends
}
