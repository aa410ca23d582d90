import { ApiVersions } from "../../protocol/apis/ApiVersions.ts"
import { writeResponse } from "../../protocol/Frame.ts"
import { FrameSplitter } from "../../protocol/FrameSplitter.ts"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import type { ByteWriter } from "../../protocol/wire/ByteWriter.ts"
import type { ByteConnection } from "../../seams/Listener.ts"
import type { Principal } from "../../security/Principal.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"
import type { BufferPool } from "./BufferPool.ts"
import { type DecodedRequest, decodeRequest } from "./decodeRequest.ts"
import type { EffectHandler, RequestContext } from "./Handler.ts"
import type { HandlerRegistry } from "./HandlerRegistry.ts"
import type { PendingResponse } from "./PendingResponse.ts"
import type { RequestMemory } from "./RequestMemory.ts"
import type { SeenRequest } from "./RequestObserver.ts"
import type { ResponseMemory } from "./ResponseMemory.ts"
import { unsupportedVersion } from "./unsupportedVersion.ts"

const produceKey = 0

/** What every connection of a listener shares. */
export interface ConnectionShared {
  readonly registry: HandlerRegistry
  readonly memory: RequestMemory
  readonly responseMemory: ResponseMemory
  readonly bufferPool: BufferPool
  readonly writer: ByteWriter
  readonly maxRequestBytes: number
  readonly nodeId: number
  readonly listenerName: string
  readonly advertisedHost: string
  readonly advertisedPort: number
  /** Runs once at the end of the current burst of input. */
  readonly atTickEnd: (task: () => void) => void
  readonly now: () => number
  readonly observe: ((seen: SeenRequest) => void) | undefined
  /** Forks an Effect handler; its outcome goes to `pending`. */
  readonly fork: (
    handler: EffectHandler<AnyApi>,
    request: unknown,
    context: RequestContext,
    pending: PendingResponse,
    connection: Connection
  ) => void
  /** The peer broke the protocol; the connection is being closed. */
  readonly onRefused: (connection: Connection, why: string) => void
  /** The broker itself failed while serving; the connection is being closed. */
  readonly onDefect: (connection: Connection, where: string, error: unknown) => void
}

/**
 * The state of one connection and the plain functions that move it. Its actor (see `ConnectionActors`) owns it; nothing
 * here is an Effect, because it runs for every frame.
 *
 * Order: Kafka takes one request of a connection at a time. Here requests are dispatched in arrival order and answered
 * in that order; only Produce requests overlap each other, since a partition leader keeps the order of its mailbox. Any
 * other request waits until everything before it is answered, and everything after it waits for it.
 */
export class Connection {
  private readonly bytes: ByteConnection
  private readonly shared: ConnectionShared
  private readonly frames: FrameSplitter
  private readonly onClosed: () => void
  private pending: Array<PendingResponse> = []
  /** True while a request that must not be overlapped waits for its answer. */
  private exclusive = false
  private flushScheduled = false
  private paused = false
  private awaitingMemory = false
  private draining = false
  /** Until when answers are waited for after a refused request. */
  private endsAtMs = Infinity
  private closed = false
  private accountedBytes = 0
  /** Of the answers that the peer has not taken yet. */
  private unsentBytes = 0
  readonly principal: Principal
  /** When bytes last moved in either direction; for `connections.max.idle.ms`. */
  lastActiveMs: number
  /** When the frame now being received began, or 0 when none is half received. */
  frameBeganMs = 0

  constructor(bytes: ByteConnection, shared: ConnectionShared, principal: Principal, onClosed: () => void) {
    this.bytes = bytes
    this.shared = shared
    this.principal = principal
    this.onClosed = onClosed
    this.lastActiveMs = shared.now()
    this.frames = new FrameSplitter(
      shared.maxRequestBytes,
      (key, version) => this.accepts(key, version),
      // Other handlers may keep views of their request, each of which would keep what it shares memory with.
      (key) => key === produceKey ? shared.bufferPool : undefined
    )
  }

  private get writeBlocked(): boolean {
    return this.unsentBytes > 0
  }

  get remoteAddress(): string {
    return this.bytes.remoteAddress
  }

  /** Nothing is being waited for or written. */
  get isQuiet(): boolean {
    return this.pending.length === 0 && !this.writeBlocked
  }

  /** Nothing is being worked on: whether anything moves is up to the peer, which may also just not read its answers. */
  get isUpToPeer(): boolean {
    return this.pending.length === 0 || this.writeBlocked
  }

  /**
   * Reading is stopped by this side, so a late frame is not the peer's fault. Stopped for want of memory does not count:
   * the frames begun are what holds the memory, and none of them would ever be given up.
   */
  get isPaused(): boolean {
    return this.paused && !this.awaitingMemory
  }

  /** A request was refused, and those before it had their time to be answered. */
  isOverdue(nowMs: number): boolean {
    return nowMs > this.endsAtMs
  }

  start(): void {
    this.bytes.start({
      onData: (chunk) => this.receive(chunk),
      onDrain: () => {
        this.unblock()
        this.lastActiveMs = this.shared.now()
        this.flush()
      },
      onClose: () => this.finish()
    })
  }

  /**
   * Takes no further request; closes once everything accepted before is answered. A direct handler that waits and can be
   * abandoned (Fetch) has changed nothing and is not waited for.
   */
  drain(): void {
    if (this.closed) return
    this.stopTaking()
    for (const pending of this.pending) {
      if (pending.abandon === undefined) continue
      pending.abandon()
      this.settle(pending, undefined)
    }
  }

  /** From here on input is dropped and not left unread: behind it the end of the peer would not be seen. */
  private stopTaking(): void {
    this.draining = true
    this.frameBeganMs = 0
    this.resume()
    if (this.pending.length === 0) this.bytes.close()
  }

  /** Closes at once; requests that wait are abandoned. */
  destroy(): void {
    this.bytes.destroy()
    this.finish()
  }

  /** Settles one request; the response leaves when all before it are settled. */
  settle(pending: PendingResponse, body: PendingResponse["body"]): void {
    if (this.closed || pending.state !== "Waiting") return
    pending.state = body === undefined ? "Silent" : "Answered"
    pending.body = body
    pending.abandon = undefined
    pending.fiber = undefined
    if (this.pending[0] === pending) this.scheduleFlush()
  }

  /** Closes because of something the peer did; `why` is logged. */
  refuse(why: string): void {
    if (this.closed) return
    this.shared.onRefused(this, why)
    this.destroy()
  }

  /**
   * Closes because of a request, once all accepted before it are answered: Kafka takes one request of a connection at a
   * time, so a bad one never overtakes the answers to good ones. See {@link isOverdue}.
   */
  private refuseNext(why: string): void {
    if (this.closed || this.draining) return
    if (this.isQuiet) return this.refuse(why)
    this.shared.onRefused(this, why)
    this.endsAtMs = this.shared.now() + ConnectionLimits.drainTimeoutMs
    this.stopTaking()
  }

  /** Closes because the broker failed; `where` and the error are logged. */
  fail(where: string, error: unknown): void {
    if (this.closed) return
    this.shared.onDefect(this, where, error)
    this.destroy()
  }

  private accepts(apiKey: number, apiVersion: number): boolean {
    const handler = this.shared.registry.find(apiKey)
    if (handler === undefined) return false
    return apiKey === ApiVersions.key || handler.api.request.supports(apiVersion)
  }

  private receive(chunk: Uint8Array): void {
    if (this.closed || this.draining) return
    this.lastActiveMs = this.shared.now()
    this.frames.push(chunk)
    this.account(chunk.length)
    this.dispatchWaiting()
    if (!this.closed && this.shared.memory.isFull) this.awaitMemory()
  }

  private account(bytes: number): void {
    this.accountedBytes += bytes
    this.shared.memory.add(bytes)
  }

  /** Dispatches complete frames as far as the order allows. */
  private dispatchWaiting(): void {
    while (!this.closed && !this.draining) {
      const state = this.frames.check()
      if (state === "Incomplete") {
        this.frameBeganMs = this.frames.bufferedBytes === 0 ? 0 : this.frameBeganMs || this.lastActiveMs
        return this.shared.memory.isFull ? this.awaitMemory() : this.resume()
      }
      if (state !== "Complete") return this.refuseNext(state)
      this.frameBeganMs = 0
      if (!this.mayDispatch(this.frames.peekApiKey())) {
        if (this.frames.bufferedBytes > ConnectionLimits.waitingBytesMax) this.pause()
        return
      }
      this.dispatch(this.frames.take())
    }
  }

  private mayDispatch(apiKey: number): boolean {
    // As Kafka, which takes the next request of a connection when the answer to the last is sent.
    if (this.writeBlocked) return false
    if (this.pending.length === 0) return true
    return apiKey === produceKey && !this.exclusive && this.pending.length < ConnectionLimits.inFlightMax
  }

  private dispatch(frame: Uint8Array): void {
    let decoded: DecodedRequest
    try {
      decoded = decodeRequest(frame, this.shared.registry)
    } catch (error) {
      return this.refuseNext(error instanceof Error ? error.message : "undecodable request")
    }
    const { body, handler, header } = decoded
    const pending: PendingResponse = {
      api: handler.api,
      version: body === undefined ? 0 : header.apiVersion,
      correlationId: header.correlationId,
      requestBytes: frame.length + 4,
      frame: header.apiKey === produceKey ? frame : undefined,
      state: "Waiting",
      body: undefined,
      abandon: undefined,
      fiber: undefined
    }
    this.pending.push(pending)
    this.exclusive = header.apiKey !== produceKey
    if (body === undefined) return this.settle(pending, unsupportedVersion(handler.api))
    const context: RequestContext = {
      apiVersion: header.apiVersion,
      correlationId: header.correlationId,
      clientId: header.clientId ?? "",
      clientHost: this.bytes.remoteAddress,
      principal: this.principal,
      nodeId: this.shared.nodeId,
      listenerName: this.shared.listenerName,
      advertisedHost: this.shared.advertisedHost,
      advertisedPort: this.shared.advertisedPort
    }
    try {
      this.shared.observe?.({ ...header, clientId: context.clientId, api: handler.api.name, body })
      if (handler._tag === "Effect") return this.shared.fork(handler, body, context, pending, this)
      const abandon = handler.handle(
        body as never,
        context,
        (response) => this.settle(pending, response),
        () => {
          this.settle(pending, undefined)
          this.refuseNext(`${handler.api.name} asked for the end of the connection`)
        }
      )
      if (abandon !== undefined && pending.state === "Waiting") pending.abandon = abandon
    } catch (error) {
      this.fail(handler.api.name, error)
    }
  }

  private scheduleFlush(): void {
    if (this.flushScheduled) return
    this.flushScheduled = true
    this.shared.atTickEnd(() => {
      this.flushScheduled = false
      this.flush()
    })
  }

  /** Writes all responses at the front that are settled, in one write, then dispatches what waited for them. */
  private flush(): void {
    if (this.closed || this.writeBlocked) return
    const pending = this.pending
    const writer = this.shared.writer
    let settled = 0
    let bytes = 0
    try {
      for (; settled < pending.length && pending[settled]!.state !== "Waiting"; settled++) {
        const { api, version, correlationId, state, body, requestBytes } = pending[settled]!
        bytes += requestBytes
        if (state === "Answered") writeResponse(writer, api, version, correlationId, body as never)
      }
    } catch (error) {
      writer.reset()
      return this.fail(`encoding ${pending[settled]!.api.name}`, error)
    }
    if (settled === 0) return this.dispatchWaiting()
    const chunks = writer.finish()
    for (let i = 0; i < settled; i++) {
      const { frame } = pending[i]!
      if (frame !== undefined) this.shared.bufferPool.give(frame)
    }
    this.pending = settled === pending.length ? [] : pending.slice(settled)
    this.exclusive = this.exclusive && this.pending.length > 0
    this.account(-bytes)
    if (chunks.length > 0) {
      this.lastActiveMs = this.shared.now()
      const isTaken = this.bytes.write(chunks, this.shared.bufferPool.giveOnceWritten(chunks))
      if (this.closed) return
      if (!isTaken) this.block(chunks)
    }
    if (this.draining) {
      if (this.pending.length === 0) this.bytes.close()
      return
    }
    this.dispatchWaiting()
  }

  private block(chunks: ReadonlyArray<Uint8Array>): void {
    for (const chunk of chunks) this.unsentBytes += chunk.length
    this.shared.responseMemory.add(this.unsentBytes)
  }

  private unblock(): void {
    this.shared.responseMemory.remove(this.unsentBytes)
    this.unsentBytes = 0
  }

  private pause(): void {
    if (this.paused) return
    this.paused = true
    this.bytes.pause()
  }

  private awaitMemory(): void {
    this.pause()
    if (this.awaitingMemory) return
    this.awaitingMemory = true
    this.shared.memory.whenRoom(() => {
      this.awaitingMemory = false
      if (!this.closed && !this.draining) this.dispatchWaiting()
    })
  }

  private resume(): void {
    if (!this.paused) return
    this.paused = false
    this.bytes.resume()
  }

  private finish(): void {
    if (this.closed) return
    this.closed = true
    const pending = this.pending
    this.pending = []
    this.shared.memory.remove(this.accountedBytes)
    this.accountedBytes = 0
    this.unblock()
    for (const one of pending) {
      one.abandon?.()
      one.fiber?.interruptUnsafe()
    }
    this.onClosed()
  }
}
