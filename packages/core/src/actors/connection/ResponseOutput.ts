import type { Fiber } from "effect"
import { writeResponse } from "../../protocol/Frame.ts"
import type { AnyApi, ResponseInputOf } from "../../protocol/schema/defineApi.ts"
import type { ByteWriter } from "../../protocol/wire/ByteWriter.ts"
import type { ByteConnection } from "../../seams/Listener.ts"
import type { BufferPool } from "./BufferPool.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"
import type { Handler } from "./Handler.ts"
import type { ResponseMemory, UnreadAnswer } from "./ResponseMemory.ts"

/** The place of one request in its connection's order of responses. */
export interface PendingResponse {
  readonly api: AnyApi
  readonly version: number
  readonly correlationId: number
  /** Counted in the broker's request memory until the response is written. */
  readonly requestBytes: number
  /** The bytes of a request that its handler does not look at any more once this is settled. */
  readonly frame: Uint8Array | undefined
  /** `Silent` is answered by nothing, as Produce with acks=0 is. */
  state: "Waiting" | "Answered" | "Silent"
  body: ResponseInputOf<AnyApi> | undefined
  /** To be called once: when `body` is written, or with false when it will never be. */
  onTaken: ((isSent: boolean) => void) | undefined
  /** Ends the wait when the connection closes first. */
  abandon: (() => void) | undefined
  /** The fiber of an Effect handler. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}

export interface ResponseOutputShared {
  readonly bufferPool: BufferPool
  readonly responseMemory: ResponseMemory
  readonly writer: ByteWriter
}

/**
 * The sending side of a connection: what was dispatched and is not answered, in the order of the requests, and the
 * answer that the peer has not taken yet.
 */
export class ResponseOutput implements UnreadAnswer {
  /** The peer has not taken the last answer. */
  isBlocked = false
  /** Of the answers written last. */
  private lastApi: AnyApi | undefined = undefined
  private lastBytes = 0
  private readonly bytes: ByteConnection
  private readonly shared: ResponseOutputShared
  private readonly refuse: (why: string) => void
  private pending: Array<PendingResponse> = []
  /** True while a request that must not be overlapped waits for its answer. */
  private isExclusive = false

  constructor(bytes: ByteConnection, shared: ResponseOutputShared, refuse: (why: string) => void) {
    this.bytes = bytes
    this.shared = shared
    this.refuse = refuse
  }

  /** Nothing waits for its answer; the last one may not be taken yet. */
  get isAnswered(): boolean {
    return this.pending.length === 0
  }

  /** Requests that wait and can be given up without a trace. */
  get abandonable(): ReadonlyArray<PendingResponse> {
    return this.pending.filter(({ abandon }) => abandon !== undefined)
  }

  /** Whether the next request may be dispatched: as Kafka, once the answer to the last is sent, save those that overlap. */
  mayFollow(handler: Handler): boolean {
    if (this.isBlocked) return false
    if (this.pending.length === 0) return true
    return handler.overlaps && !this.isExclusive && this.pending.length < ConnectionLimits.inFlightMax
  }

  add(pending: PendingResponse, overlaps: boolean): void {
    this.pending.push(pending)
    this.isExclusive = !overlaps
  }

  isFirst(pending: PendingResponse): boolean {
    return this.pending[0] === pending
  }

  /** An answer that no other is before or after. */
  get isOneSettled(): boolean {
    return this.isExclusive && this.pending[0]!.state === "Answered"
  }

  /**
   * Writes all responses at the front that are settled, in one write. Returns the bytes of their requests; 0 when there
   * are none. Throws when one cannot be encoded.
   */
  write(nowMs: number): number {
    if (this.isBlocked) return 0
    const { pending } = this
    const { bufferPool, writer } = this.shared
    let settled = 0
    let requestBytes = 0
    for (; settled < pending.length && pending[settled]!.state !== "Waiting"; settled++) {
      const { api, body, correlationId, state, version } = pending[settled]!
      requestBytes += pending[settled]!.requestBytes
      if (state === "Answered") writeResponse(writer, api, version, correlationId, body as never)
    }
    if (settled === 0) return 0
    const chunks = writer.finish()
    this.pending = settled === pending.length ? [] : pending.slice(settled)
    this.isExclusive = this.isExclusive && this.pending.length > 0
    for (let i = 0; i < settled; i++) {
      const { frame } = pending[i]!
      if (frame !== undefined) bufferPool.give(frame)
    }
    if (chunks.length > 0) {
      let sizeBytes = 0
      for (const chunk of chunks) sizeBytes += chunk.length
      this.lastApi = pending[0]!.api
      this.lastBytes = sizeBytes
      if (!this.bytes.write(chunks, bufferPool.giveOnceWritten(chunks))) {
        this.isBlocked = true
        this.shared.responseMemory.hold(this, sizeBytes, nowMs)
      }
    }
    for (let i = 0; i < settled; i++) pending[i]!.onTaken?.(true)
    return requestBytes
  }

  /** Name of the API whose answer could not be encoded; the rest of the writer's bytes are dropped. */
  failed(): string {
    this.shared.writer.reset()
    return this.pending.find(({ state }) => state === "Answered")?.api.name ?? "an answer"
  }

  /** Whether the answer to a request is expected to be small: the last one, to the same API, was. */
  isSmall(api: AnyApi): boolean {
    return this.lastApi === api && this.lastBytes <= ConnectionLimits.smallAnswerBytesMax
  }

  /** The peer took all that was written. */
  taken(): void {
    if (!this.isBlocked) return
    this.isBlocked = false
    this.shared.responseMemory.taken(this)
  }

  unsentBytes(): number {
    return this.bytes.unsentBytes?.() ?? 0
  }

  giveUp(why: string): void {
    this.refuse(why)
  }

  /** Nothing is answered any more: what still waits is abandoned and interrupted. */
  end(): void {
    const { pending } = this
    this.pending = []
    this.taken()
    for (const one of pending) {
      one.onTaken?.(false)
      one.abandon?.()
      one.fiber?.interruptUnsafe()
    }
  }
}
