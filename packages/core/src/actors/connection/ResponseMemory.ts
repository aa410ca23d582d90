import { Context } from "effect"
import { ConnectionLimits } from "./ConnectionLimits.ts"

const { answerBytesMin, answersBytesMax, smallAnswersBytes, memoryLookMs, stalledMs, stalledSmallMs, unsentBytesMax } =
  ConnectionLimits

/** A connection whose peer has not taken its last answer. */
export interface UnreadAnswer {
  /** Bytes that the system has not taken either; what does not change does not arrive. */
  readonly unsentBytes: () => number
  /** Others wait for its memory: the connection is to be closed. */
  readonly giveUp: (why: string) => void
}

/** A request that waits to be begun because its answer would have no room. */
export interface AwaitingRoom {
  readonly isSmall: boolean
  readonly roomFound: () => void
}

interface Held {
  readonly sizeBytes: number
  unsentBytes: number
  /** When `unsentBytes` was last seen to change. */
  movedAtMs: number
}

/**
 * The bytes of answers that are read and not yet taken by their peers, over all connections. Kafka lets the kernel send
 * from the file, so that a peer that does not read costs it nothing; here the records lie in memory until then. Above
 * `unsentBytesMax` answers become small. Above `answersBytesMax` no request is begun whose answer may be large, and
 * `smallAnswersBytes` above it none at all: it waits, and of those that hold the memory
 * the ones whose peers take nothing are closed. Who does not read must not keep others from being answered.
 */
export class ResponseMemory {
  private heldBytes = 0
  /** Longest unread first. */
  private readonly unread = new Map<UnreadAnswer, Held>()
  private readonly waiting = new Set<AwaitingRoom>()
  private lookedAtMs = -Infinity

  get usedBytes(): number {
    return this.heldBytes
  }

  /** Bytes by which an answer that has `answerBytes` may grow. */
  roomFor(answerBytes: number): number {
    const least = this.heldBytes < answersBytesMax ? answerBytesMin - answerBytes : 0
    return Math.max(0, unsentBytesMax - this.heldBytes, least)
  }

  /** Not even one batch can be read: every peer has to wait. */
  get isExhausted(): boolean {
    return this.heldBytes >= answersBytesMax + smallAnswersBytes
  }

  /** Whether a request may be begun whose answer may be large, or is known to be small. */
  hasRoom(isSmall: boolean): boolean {
    return this.heldBytes < (isSmall ? answersBytesMax + smallAnswersBytes : answersBytesMax)
  }

  add(bytes: number): void {
    this.heldBytes += bytes
  }

  remove(bytes: number): void {
    this.heldBytes -= bytes
    if (this.waiting.size > 0) this.wake()
  }

  /** Counts an answer that its peer has not taken, until `taken`. */
  hold(answer: UnreadAnswer, sizeBytes: number, nowMs: number): void {
    this.unread.set(answer, { sizeBytes, unsentBytes: answer.unsentBytes(), movedAtMs: nowMs })
    this.add(sizeBytes)
  }

  /** The peer took it, or is gone. */
  taken(answer: UnreadAnswer): void {
    const held = this.unread.get(answer)
    if (held === undefined) return
    this.unread.delete(answer)
    this.remove(held.sizeBytes)
  }

  /** Calls `roomFound` once, when there is room; `forget` before that. */
  whenRoom(one: AwaitingRoom): void {
    this.waiting.add(one)
  }

  forget(one: AwaitingRoom): void {
    this.waiting.delete(one)
  }

  /** Closes connections that hold memory and whose peers take nothing, longest unread first, until a request may be begun. */
  makeRoom(nowMs: number): void {
    // Many may wait, and each of them asks.
    if (nowMs >= this.lookedAtMs && nowMs - this.lookedAtMs < memoryLookMs) return
    this.lookedAtMs = nowMs
    for (const [answer, held] of [...this.unread]) {
      if (this.hasRoom(false)) return
      const unsentBytes = answer.unsentBytes()
      if (unsentBytes !== held.unsentBytes) {
        held.unsentBytes = unsentBytes
        held.movedAtMs = nowMs
        continue
      }
      const unmovedMs = nowMs - held.movedAtMs
      if (unmovedMs < (held.sizeBytes > answerBytesMin ? stalledMs : stalledSmallMs)) continue
      answer.giveUp(
        `nothing of an answer of ${held.sizeBytes} bytes was taken for ${unmovedMs} ms, and others wait for memory`
      )
    }
  }

  private wake(): void {
    if (!this.hasRoom(true)) return
    for (const one of this.waiting) {
      if (!this.hasRoom(one.isSmall)) continue
      this.waiting.delete(one)
      one.roomFound()
    }
  }
}

/** One for all brokers of a process, whose memory it is, unless another is given. */
export const SharedResponseMemory = Context.Reference<ResponseMemory>(
  "@kafka-broker/core/actors/connection/SharedResponseMemory",
  { defaultValue: () => new ResponseMemory() }
)
