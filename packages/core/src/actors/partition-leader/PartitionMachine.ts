/**
 * The leader of one partition as a machine: `step` takes the state and an event, changes the state in place, and gives the
 * effects to carry out, in order. No clock, randomness or I/O: `PartitionActor` carries the effects out, and what comes of
 * them is the next event.
 *
 * Two unions say where a partition is. `life` is the life of its log on this broker:
 *
 *     Closed ──work──▶ Opening ──Opened──▶ Open ──rest, epoch, failure, stop──▶ Closing ──LogClosed──▶ Closed
 *
 * `service` is what callers are answered: Online; Failed until the partition is led under a new epoch; Stopped for good.
 * What was accepted before a stop is still done, what comes later is refused. The table of transitions is
 * `transitions.test.ts`.
 *
 * Appends with acks -1 wait between their write and a sync: group commit. One sync answers all that wait when it begins,
 * and while it runs the next group gathers; appends go on meanwhile. The high watermark does not pass what waits, so that
 * no record with acks -1 is read that a power cut could still take.
 *
 * Transactions: the open transaction of a producer is in its `ProducerEntry`, and the last stable offset follows from them
 * (`show`). A verification of KIP-890 belongs beside them, as a field of `OpenLog`: it dies with the leadership, as in Kafka.
 *
 * Source: Partition, ReplicaManager, DelayedProduce.
 */
import { errorCodeOf, type LogStoreReason } from "../../log/LogStore.ts"
import { ProducersAhead } from "../../log/ProducerStates.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { cutWrite, decideWrite, type WriteGroup } from "./AppendPlan.ts"
import { appended, failedAppend, rejectionResult, timedOut } from "./AppendResult.ts"
import type { BatchCheck } from "./BatchCheck.ts"
import { PartitionLeaderLimits } from "./PartitionLeaderLimits.ts"
import { dropFirst, failEntry, failQueue, firstAppends, offerAppend, offerTask, queueLength } from "./PartitionQueue.ts"
import {
  closed,
  type Life,
  type LogFacts,
  online,
  type OpenLog,
  type PartitionEffect,
  type PartitionEvent,
  type PartitionState,
  type WaitingWrite,
  type Work
} from "./PartitionState.ts"

type Effects = Array<PartitionEffect>
type EventOf<Tag extends PartitionEvent["_tag"]> = Extract<PartitionEvent, { readonly _tag: Tag }>

const opening: Life = { _tag: "Opening" }
const judging: Work = { _tag: "Judge" }
const awaitingTurn: Work = { _tag: "AwaitTurn" }
const awaitTurn: PartitionEffect = { _tag: "AwaitTurn" }

/** One transition. */
export const step = (state: PartitionState, event: PartitionEvent): ReadonlyArray<PartitionEffect> => {
  if (event._tag === "Append") return offerAppend(state, event)
  const out: Effects = []
  const { life } = state
  switch (event._tag) {
    case "Task":
      offerTask(state, event, out)
      break
    case "Tick":
      state.isTickAsked = false
      proceed(state, event.nowMs, out)
      break
    case "Opened":
      opened(state, event, out)
      break
    case "OpenFailed":
      openFailed(state, event.reason, event.cause, out)
      proceed(state, event.nowMs, out)
      break
    case "Written":
    case "WriteFailed":
      written(state, event, out)
      proceed(state, event.nowMs, out)
      break
    case "TaskDone":
      taskDone(state, event.log, out)
      proceed(state, event.nowMs, out)
      break
    case "Judged":
      endWork(life, judging)
      state.judged = event
      proceed(state, event.nowMs, out)
      break
    case "NextTurn":
      endWork(life, awaitingTurn)
      proceed(state, event.nowMs, out)
      break
    case "Synced":
      synced(state, event.log, out)
      proceed(state, event.nowMs, out)
      break
    case "SyncFailed":
      syncFailed(state, event.reason, event.cause, out)
      proceed(state, event.nowMs, out)
      break
    case "LogClosed":
    case "CloseFailed":
      logClosed(state, event, out)
      proceed(state, event.nowMs, out)
      break
    case "ReadBegun":
      if (life._tag !== "Open") throw new Error(`a read began while the log was ${life._tag}`)
      life.log.readers++
      break
    case "ReadEnded":
      event.log.readers--
      if (life._tag === "Closing") proceed(state, event.nowMs, out)
      break
    case "Expire":
      if ("log" in life) expire(life.log, event.nowMs, out)
      break
    case "ExpireProducers":
      if ("log" in life) life.log.producers.expire(event.nowMs, event.producerExpirationMs)
      break
    case "Follow":
      state.isUnderMinIsr = event.isUnderMinIsr
      state.settings = event.settings
      break
    case "ChangeEpoch":
      state.leaderEpoch = event.leaderEpoch
      if (state.service._tag === "Failed") state.service = online
      beginClosing(state)
      proceed(state, event.nowMs, out)
      break
    case "Rest":
      if (life._tag !== "Open" || queueLength(state) > 0 || isBusy(life.log)) break
      beginClosing(state)
      proceed(state, event.nowMs, out)
      break
    case "Stop":
      state.service = { _tag: "Stopped", errorCode: event.errorCode }
      out.push({ _tag: "Show", view: undefined, addedBytes: 0 })
      proceed(state, event.nowMs, out)
      break
    case "Crash":
      crash(state, event.cause, out)
      break
  }
  return out
}

// ---- What is done next ----

/** Begins what can be begun: to open the log, the next work, or to close the log. */
const proceed = (state: PartitionState, nowMs: number, out: Effects): void => {
  const { life } = state
  switch (life._tag) {
    case "Closed":
      if (queueLength(state) > 0) {
        state.life = opening
        out.push({ _tag: "Open" })
      } else if (state.service._tag === "Stopped") out.push({ _tag: "Ended" })
      return
    case "Opening":
      return
    case "Open":
      while (life.log.work === undefined && queueLength(state) > 0) beginWork(state, life.log, nowMs, out)
      if (life.log.work !== undefined || state.service._tag !== "Stopped") return
      beginClosing(state)
      return proceed(state, nowMs, out)
    case "Closing":
      if (life.isLast || isBusy(life.log)) return
      life.isLast = true
      if (state.service._tag !== "Stopped" || state.service.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
        out.push({ _tag: "Close" })
        return
      }
      // The store lets go of a deleted log together with its files: nothing is written or synced for its sake.
      state.life = closed
      state.view = undefined
      out.push({ _tag: "Drop" })
      return proceed(state, nowMs, out)
  }
}

const beginWork = (state: PartitionState, log: OpenLog, nowMs: number, out: Effects): void => {
  const entry = state.queue[state.queueAt]!
  if (entry._tag === "Task") {
    dropFirst(state, 1)
    if (entry.isCancelled) return
    log.work = entry
    out.push({ _tag: "Run", task: entry, view: state.view! })
    return
  }
  const check: BatchCheck = {
    topicPartition: state.topicPartition,
    settings: state.settings,
    codecs: state.codecs,
    decompressedAtOnceBytesMax: PartitionLeaderLimits.decompressedAtOnceBytesMax,
    decompressedBytesMax: PartitionLeaderLimits.decompressedBytesMax,
    turn: state.turn,
    nowMs
  }
  const judged = state.judged?.append === entry ? state.judged.outcome : undefined
  const group = decideWrite(
    {
      check,
      leaderEpoch: log.leaderEpoch,
      isUnderMinIsr: state.isUnderMinIsr,
      producers: new ProducersAhead(log.producers),
      nextOffset: log.logEndOffset
    },
    firstAppends(state),
    judged
  )
  state.judged = undefined
  if (group.appends.length === 0) {
    // What waits behind the batch waits longer, as the order of appends asks; everything else of the broker runs meanwhile.
    log.work = group.isCutAtLarge ? judging : awaitingTurn
    out.push(group.isCutAtLarge ? { _tag: "Judge", append: entry, check } : awaitTurn)
    return
  }
  dropFirst(state, group.appends.length)
  if (group.chunks.length === 0) return endWrite(state, log, group, nowMs, out)
  log.work = group
  out.push({ _tag: "Write", chunks: group.chunks })
}

/** Whether something uses the log, so that it cannot be closed. */
const isBusy = (log: OpenLog): boolean => log.work !== undefined || log.readers > 0 || log.syncEndOffset >= 0

const beginClosing = (state: PartitionState): void => {
  const { life } = state
  if (life._tag === "Open") state.life = { _tag: "Closing", log: life.log, isLast: false }
}

// ---- What the log did ----

/** Learns where the log stands now. */
const follow = (log: OpenLog, facts: LogFacts): void => {
  log.logStartOffset = facts.logStartOffset
  log.logEndOffset = facts.logEndOffset
  log.durableEndOffset = facts.durableEndOffset
  log.producers = facts.producers
}

/** A log that takes no look at files is opened by a read as well, which finds the partition closed. */
const opened = (state: PartitionState, event: EventOf<"Opened">, out: Effects): void => {
  const { log: facts, nowMs } = event
  if (state.life._tag !== "Opening" && (state.life._tag !== "Closed" || state.service._tag !== "Online")) {
    throw new Error("no log is being opened")
  }
  const log: OpenLog = {
    leaderEpoch: facts.leaderEpoch,
    logStartOffset: facts.logStartOffset,
    logEndOffset: facts.logEndOffset,
    durableEndOffset: facts.durableEndOffset,
    producers: facts.producers,
    work: undefined,
    waiting: [],
    syncEndOffset: -1,
    readers: 0
  }
  log.producers.expire(nowMs, event.producerExpirationMs)
  state.life = { _tag: "Open", log }
  // Led under a newer epoch since the open began: it is opened again.
  if (log.leaderEpoch !== state.leaderEpoch) beginClosing(state)
  else show(state, log)
  proceed(state, nowMs, out)
}

const openFailed = (state: PartitionState, reason: LogStoreReason, cause: unknown, out: Effects): void => {
  if (state.life._tag !== "Opening") throw new Error("no log is being opened")
  state.life = closed
  switch (reason) {
    case "NoSpace":
    case "Unavailable":
      return failQueue(state, ErrorCode.KAFKA_STORAGE_ERROR, out)
    case "Unknown":
      return failQueue(state, ErrorCode.NOT_LEADER_OR_FOLLOWER, out)
    default:
      return fail(state, reason, cause, out)
  }
}

const written = (state: PartitionState, event: EventOf<"Written"> | EventOf<"WriteFailed">, out: Effects): void => {
  const { life } = state
  if (!("log" in life) || life.log.work?._tag !== "Write") throw new Error("no write is under way")
  const { log } = life
  const group = life.log.work
  follow(log, event.log)
  if (event._tag === "Written") endWrite(state, log, group, event.nowMs, out)
  else writeFailed(state, log, group, event, out)
  log.work = undefined
}

const writeFailed = (
  state: PartitionState,
  log: OpenLog,
  group: WriteGroup,
  event: EventOf<"WriteFailed">,
  out: Effects
): void => {
  switch (event.reason) {
    case "NoSpace":
    case "Unavailable":
      return endWrite(state, log, cutWrite(group, log.logEndOffset), event.nowMs, out)
    case "Unknown":
      answerWrite(state, log, group, ErrorCode.NOT_LEADER_OR_FOLLOWER, false, out)
      return lose(state, event.cause, out)
    default:
      answerWrite(state, log, group, errorCodeOf(event.reason), false, out)
      return fail(state, event.reason, event.cause, out)
  }
}

/** Answers a write that is in the log, or what of it need not wait for stable storage. */
const endWrite = (state: PartitionState, log: OpenLog, group: WriteGroup, nowMs: number, out: Effects): void => {
  const isAwaited = state.isAcksAllSynced && group.acksAllEndOffset > log.durableEndOffset
  if (isAwaited) awaitDurability(log, group, nowMs, out)
  const hasWritten = group.chunks.length > 0
  if (hasWritten) show(state, log)
  answerWrite(state, log, group, undefined, isAwaited, out)
  // Producers are answered before waiting fetches read.
  if (hasWritten) tellWatchers(state, group.addedBytes, out)
  beginSync(log, out)
}

const endWork = (life: Life, work: Work): void => {
  if (!("log" in life) || life.log.work !== work) throw new Error(`no ${work._tag} is under way`)
  life.log.work = undefined
}

const taskDone = (state: PartitionState, facts: LogFacts, out: Effects): void => {
  const { life } = state
  if (!("log" in life) || life.log.work?._tag !== "Task") throw new Error("no task is under way")
  const task = life.log.work
  life.log.work = undefined
  follow(life.log, facts)
  if (state.view !== undefined) show(state, life.log)
  out.push({ _tag: "AnswerTask", task, refusal: undefined })
  tellWatchers(state, 0, out)
}

// ---- Acks -1 ----

/** Whether the append at a place of a write that succeeded is answered once it is durable. */
const answersAtDurableEnd = (group: WriteGroup, place: number): boolean =>
  group.appends[place]!.options.acks === -1 && group.decisions[place]!._tag !== "Reject"

/** Lets the appends with acks -1 of a write wait for the sync; they time out from now on. */
const awaitDurability = (log: OpenLog, group: WriteGroup, nowMs: number, out: Effects): void => {
  const places: Array<number> = []
  for (let i = 0; i < group.appends.length; i++) if (answersAtDurableEnd(group, i)) places.push(i)
  const write: WaitingWrite = {
    group,
    writtenAtMs: nowMs,
    heldFromOffset: group.acksAllFromOffset,
    endOffset: group.acksAllEndOffset,
    places,
    dueMs: Infinity
  }
  write.dueMs = dueMsOfWrite(write)
  log.waiting.push(write)
  out.push({ _tag: "Deadline", dueMs: write.dueMs })
}

/** A sync that is under way is followed by the next one by itself. */
const beginSync = (log: OpenLog, out: Effects): void => {
  if (log.syncEndOffset >= 0 || log.waiting.length === 0) return
  log.syncEndOffset = log.waiting[0]!.endOffset
  out.push({ _tag: "Sync" })
}

const synced = (state: PartitionState, facts: LogFacts, out: Effects): void => {
  const { life } = state
  if (!("log" in life) || life.log.syncEndOffset < 0) throw new Error("no sync is under way")
  const { log } = life
  const mustCover = log.syncEndOffset
  log.syncEndOffset = -1
  const { logEndOffset } = log
  follow(log, facts)
  // Of a write under way a part may be in the log, where another segment begins: it is not shown before its end is known.
  if (log.work?._tag === "Write") log.logEndOffset = Math.max(logEndOffset, log.durableEndOffset)
  // The partition may have failed meanwhile for another reason; nothing waits then.
  if (log.waiting.length === 0) return
  if (log.durableEndOffset < mustCover) throw new Error("a sync missed what it should cover")
  let count = 0
  while (count < log.waiting.length && log.waiting[count]!.endOffset <= log.durableEndOffset) count++
  const durable = log.waiting.splice(0, count)
  show(state, log)
  for (const write of durable) {
    for (const place of write.places) answerWaiting(log, write, place, appended, out)
  }
  tellWatchers(state, 0, out)
  if (log.waiting.length === 0) out.push({ _tag: "Deadline", dueMs: Infinity })
  else beginSync(log, out)
}

const syncFailed = (state: PartitionState, reason: LogStoreReason, cause: unknown, out: Effects): void => {
  const { life } = state
  if (!("log" in life) || life.log.syncEndOffset < 0) throw new Error("no sync is under way")
  life.log.syncEndOffset = -1
  if (life.log.waiting.length === 0) return
  // What is in the log but not durable is as good as unknown: the log is read anew.
  if (reason === "Unavailable" || reason === "Unknown") lose(state, cause, out)
  else fail(state, reason, cause, out)
}

const dueMsOfWrite = ({ group, places, writtenAtMs }: WaitingWrite): number => {
  let timeoutMs = Infinity
  for (const place of places) timeoutMs = Math.min(timeoutMs, group.appends[place]!.options.timeoutMs)
  return writtenAtMs + timeoutMs
}

const answerWaiting = (
  log: OpenLog,
  { group }: WaitingWrite,
  place: number,
  result: typeof appended,
  out: Effects
): void => {
  const decision = group.decisions[place]!
  if (decision._tag === "Reject") return
  out.push({
    _tag: "Answer",
    append: group.appends[place]!,
    result: result(decision.baseOffset, decision.logAppendTimeMs, log.logStartOffset)
  })
}

/**
 * Answers 7 to what waited for too long; its data stays in the log, and hidden from readers until it is durable.
 * Source: DelayedProduce.onExpiration.
 */
const expire = (log: OpenLog, nowMs: number, out: Effects): void => {
  const joined: Array<WaitingWrite> = []
  for (const write of log.waiting) {
    if (write.dueMs <= nowMs) expireWrite(log, write, nowMs, out)
    const last = joined[joined.length - 1]
    // Writes with no append left that waits become one, so that a disk that hangs does not make the list grow.
    const isAnswered = last !== undefined && last.places.length === 0 && write.places.length === 0
    if (isAnswered && last.heldFromOffset >= 0) last.endOffset = Math.max(last.endOffset, write.endOffset)
    else joined.push(write)
  }
  log.waiting = joined
}

const expireWrite = (log: OpenLog, write: WaitingWrite, nowMs: number, out: Effects): void => {
  const { group, places, writtenAtMs } = write
  const isDue = (place: number): boolean => writtenAtMs + group.appends[place]!.options.timeoutMs <= nowMs
  write.places = places.filter((place) => !isDue(place))
  write.dueMs = dueMsOfWrite(write)
  for (const place of places) if (isDue(place)) answerWaiting(log, write, place, timedOut, out)
}

/** Answers everything that waits for stable storage with an error. */
const failWaiting = (log: OpenLog, errorCode: ErrorCode, out: Effects): void => {
  if (log.waiting.length === 0) return
  for (const { group, places } of log.waiting) {
    for (const place of places) {
      out.push({ _tag: "Answer", append: group.appends[place]!, result: failedAppend(errorCode) })
    }
  }
  log.waiting = []
  out.push({ _tag: "Deadline", dueMs: Infinity })
}

// ---- Answers and the view ----

/** Answers the appends of a write; of one that failed, what lies safely below it was there before. */
const answerWrite = (
  state: PartitionState,
  log: OpenLog,
  group: WriteGroup,
  failure: ErrorCode | undefined,
  isDurabilityAwaited: boolean,
  out: Effects
): void => {
  const { appends, decisions, startOffset } = group
  const { logStartOffset } = log
  for (let i = 0; i < appends.length; i++) {
    if (isDurabilityAwaited && answersAtDurableEnd(group, i)) continue
    const append = appends[i]!
    const decision = decisions[i]!
    if (decision._tag === "Reject") {
      out.push({ _tag: "Answer", append, result: rejectionResult(decision, logStartOffset) })
      continue
    }
    const safeEndOffset = state.isAcksAllSynced && append.options.acks === -1
      ? Math.min(log.durableEndOffset, startOffset)
      : startOffset
    const result = failure !== undefined && decision.lastOffset >= safeEndOffset
      ? failedAppend(failure)
      : appended(decision.baseOffset, decision.logAppendTimeMs, logStartOffset)
    out.push({ _tag: "Answer", append, result })
  }
}

/**
 * What readers may see of the log; the one place that moves the high watermark. With a single replica all that the log took
 * is committed, save for what acks -1 has still to see on stable storage; other replicas would count here.
 * Source: Partition.maybeIncrementLeaderHW.
 */
const highWatermarkOf = (log: OpenLog): number => {
  for (const { heldFromOffset } of log.waiting) {
    if (heldFromOffset >= 0) return Math.max(heldFromOffset, log.durableEndOffset)
  }
  return log.logEndOffset
}

const show = (state: PartitionState, log: OpenLog): void => {
  const highWatermark = highWatermarkOf(log)
  const firstUnstable = log.producers.firstUnstableOffset(highWatermark)
  state.view = {
    logStartOffset: log.logStartOffset,
    highWatermark,
    lastStableOffset: firstUnstable < 0 ? highWatermark : Math.min(firstUnstable, highWatermark),
    logEndOffset: log.logEndOffset,
    leaderEpoch: log.leaderEpoch
  }
}

/** Those of a stopped partition have been told. */
const tellWatchers = (state: PartitionState, addedBytes: number, out: Effects): void => {
  if (state.service._tag === "Online") out.push({ _tag: "Show", view: state.view, addedBytes })
}

// ---- Failures ----

const nameOf = ({ topicPartition: { partition, topic } }: PartitionState): string => `${topic}-${partition}`

/** Takes the partition out of service until it is led under a new epoch or the broker starts again. */
const fail = (state: PartitionState, reason: LogStoreReason, cause: unknown, out: Effects): void => {
  const errorCode = errorCodeOf(reason)
  if (state.service._tag === "Online") state.service = { _tag: "Failed", errorCode }
  endService(state, errorCode, out)
  out.push({ _tag: "Report", message: `Partition ${nameOf(state)} is out of service`, cause })
}

/**
 * Nothing is known of what the log took: what waited is answered so that clients ask for the leader and send it again, and
 * the next use reads the log anew, under the same epoch.
 */
const lose = (state: PartitionState, cause: unknown, out: Effects): void => {
  endService(state, ErrorCode.NOT_LEADER_OR_FOLLOWER, out)
  out.push({ _tag: "Report", message: `The log of partition ${nameOf(state)} is read again`, cause })
}

const endService = (state: PartitionState, errorCode: ErrorCode, out: Effects): void => {
  if ("log" in state.life) failWaiting(state.life.log, errorCode, out)
  failQueue(state, errorCode, out)
  state.view = undefined
  beginClosing(state)
  out.push({ _tag: "Show", view: undefined, addedBytes: 0 })
}

const logClosed = (
  state: PartitionState,
  event: EventOf<"LogClosed"> | EventOf<"CloseFailed">,
  out: Effects
): void => {
  if (state.life._tag !== "Closing" || !state.life.isLast) throw new Error("no log is being closed")
  state.life = closed
  state.view = undefined
  // A partition that failed before has told why; a store that cannot be reached is tried again at the next use.
  if (event._tag === "LogClosed" || state.service._tag === "Failed") return
  if (event.reason !== "Unavailable" && event.reason !== "Unknown") fail(state, event.reason, event.cause, out)
}

const crash = (state: PartitionState, cause: unknown, out: Effects): void => {
  const errorCode = ErrorCode.UNKNOWN_SERVER_ERROR
  if (state.service._tag === "Online") state.service = { _tag: "Failed", errorCode }
  const { life } = state
  if ("log" in life) {
    const { work } = life.log
    if (work?._tag === "Write") { for (const append of work.appends) failEntry(append, errorCode, out) }
    else if (work?._tag === "Task") failEntry(work, errorCode, out)
  }
  endService(state, errorCode, out)
  state.life = closed
  out.push({ _tag: "Drop" }, { _tag: "Report", message: `The leader of partition ${nameOf(state)} died`, cause })
  if (state.service._tag === "Stopped") out.push({ _tag: "Ended" })
}
