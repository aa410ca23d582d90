import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import type { ByteConnection } from "../../seams/Listener.ts"
import { anonymous } from "../../security/Principal.ts"
import { ConnectionLimits } from "./ConnectionLimits.ts"
import {
  type ConnectionEvent,
  type ConnectionState,
  type HandlerEvent,
  isEnding,
  serves,
  step,
  takesRequests
} from "./ConnectionMachine.ts"
import type { EffectHandler, Handler, RequestConnection, RequestContext } from "./Handler.ts"
import type { DecodedRequest } from "./HandlerRegistry.ts"
import { RequestInput, type RequestInputOwner, type RequestInputShared } from "./RequestInput.ts"
import type { AwaitingTurn, RequestTurns } from "./RequestTurns.ts"
import type { SeenRequest } from "./RequestObserver.ts"
import type { AwaitingRoom } from "./ResponseMemory.ts"
import { type PendingResponse, ResponseOutput, type ResponseOutputShared } from "./ResponseOutput.ts"

/** What every connection of a listener shares. */
export interface ConnectionShared extends RequestInputShared, ResponseOutputShared {
  readonly maxIdleMs: number
  readonly nodeId: number
  readonly turns: RequestTurns
  readonly advertisedHost: string
  readonly advertisedPort: number
  /** Runs once at the end of the current burst of input. */
  readonly atTickEnd: (task: () => void) => void
  readonly now: () => number
  /** Calls `due` at that time, once; the earliest counts. */
  readonly wakeAt: (connection: Connection, dueMs: number) => void
  /** Something was written, with what the buffer pool lent. */
  readonly onWritten: () => void
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
 * One connection: the state of its life (see `ConnectionMachine`), and the plain functions that take frames from its
 * input, call handlers and write answers. Its actor (see `ConnectionActors`) owns it; nothing here is an Effect, because it runs for
 * every frame.
 *
 * Order: Kafka takes one request of a connection at a time. Here requests are dispatched in arrival order and answered
 * in that order; only requests of handlers that overlap (Produce) follow each other unanswered, since a partition leader
 * keeps the order of its mailbox. Any other waits until everything before it is answered, and everything after it waits
 * for it.
 */
export class Connection implements RequestConnection, RequestInputOwner, AwaitingRoom, AwaitingTurn {
  state: ConnectionState
  private readonly bytes: ByteConnection
  private readonly shared: ConnectionShared
  private readonly input: RequestInput
  private readonly output: ResponseOutput
  private readonly onClosed: () => void
  private isFlushScheduled = false
  /** Frames of this connection are taken just now: what is settled meanwhile is written right after. */
  private isAdvancing = false
  /** What the next request, which is complete, waits for before it is begun: room for its answer, or a turn of the event loop. */
  private waitsFor: "Nothing" | "Room" | "Turn" = "Nothing"
  /** The answer to the next request is expected to be small. */
  isSmall = false
  /** When bytes last moved in either direction; for `connections.max.idle.ms`. */
  lastActiveMs: number
  /** When `due` is called at the latest. */
  private wakesAtMs = Infinity

  constructor(bytes: ByteConnection, shared: ConnectionShared, initial: ConnectionState, onClosed: () => void) {
    this.bytes = bytes
    this.shared = shared
    this.state = initial
    this.onClosed = onClosed
    this.lastActiveMs = shared.now()
    this.input = new RequestInput(bytes, shared, this)
    this.output = new ResponseOutput(bytes, shared, (why) => this.refuse(why))
  }

  start(): void {
    this.wakeAt(this.lastActiveMs + this.shared.maxIdleMs)
    this.bytes.start({
      onData: (chunk) => this.receive(chunk),
      onDrain: () => {
        this.output.taken()
        this.lastActiveMs = this.shared.now()
        this.flush()
      },
      onClose: () => this.apply({ _tag: "Ended" })
    })
  }

  report(event: HandlerEvent): void {
    this.apply(event)
  }

  /**
   * Takes no further request; closes once everything accepted before is answered. A handler that waits and can be
   * abandoned (Fetch) has changed nothing and is not waited for.
   */
  drain(): void {
    this.apply({ _tag: "BrokerStopping" })
    for (const pending of this.output.abandonable) {
      pending.abandon?.()
      this.settle(pending, undefined)
    }
  }

  /** Closes at once; requests that wait are abandoned. */
  destroy(): void {
    if (this.state._tag === "Closed") return
    this.bytes.destroy()
    this.apply({ _tag: "Ended" })
  }

  /** Settles one request; the response leaves when all before it are settled. */
  settle(pending: PendingResponse, body: PendingResponse["body"], onTaken?: (isSent: boolean) => void): void {
    if (this.state._tag === "Closed" || pending.state !== "Waiting") return onTaken?.(false)
    pending.state = body === undefined ? "Silent" : "Answered"
    pending.body = body
    pending.onTaken = onTaken
    pending.abandon = undefined
    pending.fiber = undefined
    if (!this.isAdvancing && this.output.isFirst(pending)) this.scheduleFlush()
  }

  /** Closes because of something the peer did; `why` is logged. */
  refuse(why: string): void {
    if (this.state._tag === "Closed") return
    this.shared.onRefused(this, why)
    this.destroy()
  }

  /** Closes because the broker failed; `where` and the error are logged. */
  fail(where: string, error: unknown): void {
    if (this.state._tag === "Closed") return
    this.shared.onDefect(this, where, error)
    this.destroy()
  }

  /** The time it asked to be woken at has come. */
  due(): void {
    this.wakesAtMs = Infinity
    const nowMs = this.shared.now()
    this.judge(nowMs)
    if (this.state._tag !== "Closed") this.wakeAt(this.nextDueMs(nowMs))
  }

  now(): number {
    return this.shared.now()
  }

  wakeAt(dueMs: number): void {
    if (dueMs >= this.wakesAtMs) return
    this.wakesAtMs = dueMs
    this.shared.wakeAt(this, dueMs)
  }

  memoryFound(): void {
    if (takesRequests(this.state)) this.input.resume()
  }

  turnCame(): void {
    this.waitsFor = "Nothing"
    this.advance()
  }

  roomFound(): void {
    this.waitsFor = "Nothing"
    this.advance()
  }

  private apply(event: ConnectionEvent): void {
    const before = this.state
    this.state = step(before, event)
    if (this.state._tag !== before._tag) this.enter(before)
  }

  /** What becomes of the connection with its new state. */
  private enter(before: ConnectionState): void {
    const { state } = this
    switch (state._tag) {
      case "Unauthenticated":
      case "Authenticating":
        return
      case "Ready":
        return before._tag === "Muted" ? this.advance() : undefined
      case "Muted":
        this.input.pause()
        return this.wakeAt(state.untilMs)
      case "Draining":
      case "Refused":
        this.input.drop()
        this.stopWaiting()
        return this.output.isAnswered ? this.apply({ _tag: "AllAnswered" }) : undefined
      case "Closing":
        return this.bytes.close()
      case "Closed":
        return this.finish()
    }
  }

  /**
   * Closes because of a request, once all accepted before it are answered: Kafka takes one request of a connection at a
   * time, so a bad one never overtakes the answers to good ones.
   */
  private refuseNext(why: string): void {
    if (isEnding(this.state)) return
    if (this.output.isAnswered && !this.output.isBlocked) return this.refuse(why)
    this.shared.onRefused(this, why)
    const untilMs = this.shared.now() + ConnectionLimits.drainTimeoutMs
    this.apply({ _tag: "RequestRefused", untilMs })
    this.wakeAt(untilMs)
  }

  private receive(chunk: Uint8Array): void {
    if (isEnding(this.state)) return
    this.lastActiveMs = this.shared.now()
    this.input.push(chunk)
    this.advance()
  }

  /** Dispatches complete frames as far as the order allows. */
  private advance(): void {
    const { input } = this
    const { frames } = input
    while (takesRequests(this.state) && this.waitsFor === "Nothing") {
      const next = frames.check()
      if (next === "Incomplete") return input.readOn(this.mayBegin, this.lastActiveMs)
      if (next !== "Complete") return this.refuseNext(next)
      const handler = this.shared.registry.find(frames.peekApiKey())!
      if (!this.output.mayFollow(handler)) return input.holdFrames()
      if (!handler.overlaps && this.mustWait(handler)) return
      this.isAdvancing = !handler.overlaps
      this.dispatch(input.take())
      this.isAdvancing = false
      // An answer that waits for no other is written at once, so that what it holds is known before the next is begun.
      if (!handler.overlaps && !this.output.isAnswered && this.output.isOneSettled) this.write()
    }
  }

  private readonly mayBegin = (apiKey: number): boolean => this.output.mayFollow(this.shared.registry.find(apiKey)!)

  /** Whether the next request has to wait, for its turn or for room for its answer. Then it does. */
  private mustWait(handler: Handler): boolean {
    const { responseMemory, turns } = this.shared
    this.isSmall = this.output.isSmall(handler.api) && this.input.isNextSmall
    if (!this.isSmall && turns.isSpent()) {
      this.waitsFor = "Turn"
      turns.wait(this)
    } else if (handler.authentication === "Required" && !responseMemory.hasRoom(this.isSmall)) {
      responseMemory.makeRoom(this.shared.now())
      if (responseMemory.hasRoom(this.isSmall)) return false
      this.waitsFor = "Room"
      responseMemory.whenRoom(this)
      this.wakeAt(this.shared.now() + ConnectionLimits.memoryCheckMs)
    } else return false
    // It is read on as far as a little memory goes: a paused socket does not see that its peer has closed.
    this.input.holdFrames()
    return true
  }

  private stopWaiting(): void {
    if (this.waitsFor === "Room") this.shared.responseMemory.forget(this)
    if (this.waitsFor === "Turn") this.shared.turns.forget(this)
    this.waitsFor = "Nothing"
  }

  private dispatch(frame: Uint8Array): void {
    const { registry } = this.shared
    let decoded: DecodedRequest
    try {
      decoded = registry.decode(frame)
    } catch (error) {
      return this.refuseNext(error instanceof Error ? error.message : "undecodable request")
    }
    const { body, handler, header } = decoded
    if (!serves(this.state, handler.authentication, this.lastActiveMs)) {
      return this.refuseNext(`${handler.api.name} while ${this.state._tag}`)
    }
    const clientId = header.clientId ?? ""
    if (clientId !== this.state.client.clientId) this.apply({ _tag: "ClientIdSeen", clientId })
    const pending: PendingResponse = {
      api: handler.api,
      version: body === undefined ? 0 : header.apiVersion,
      correlationId: header.correlationId,
      requestBytes: frame.length + 4,
      frame: handler.lendsRequests ? frame : undefined,
      state: "Waiting",
      body: undefined,
      onTaken: undefined,
      abandon: undefined,
      fiber: undefined
    }
    this.output.add(pending, handler.overlaps)
    const { client } = this.state
    const context: RequestContext = {
      apiVersion: header.apiVersion,
      correlationId: header.correlationId,
      clientId,
      clientHost: client.host,
      principal: this.state._tag === "Ready" ? this.state.principal : anonymous,
      nodeId: this.shared.nodeId,
      listenerName: client.listenerName,
      advertisedHost: this.shared.advertisedHost,
      advertisedPort: this.shared.advertisedPort,
      connection: this
    }
    try {
      if (body === undefined) return this.settle(pending, handler.answerUnsupported?.())
      this.shared.observe?.({ ...header, clientId, api: handler.api.name, body })
      if (handler._tag === "Effect") return this.shared.fork(handler, body, context, pending, this)
      const abandon = handler.handle(
        body as never,
        context,
        (response, onTaken) => this.settle(pending, response, onTaken),
        (why) => {
          this.settle(pending, undefined)
          this.refuseNext(why)
        }
      )
      if (abandon !== undefined && pending.state === "Waiting") pending.abandon = abandon
    } catch (error) {
      this.fail(handler.api.name, error)
    }
  }

  private scheduleFlush(): void {
    if (this.isFlushScheduled) return
    this.isFlushScheduled = true
    this.shared.atTickEnd(() => {
      this.isFlushScheduled = false
      this.flush()
    })
  }

  /** Writes what is settled, then dispatches what waited for it. */
  private flush(): void {
    this.write()
    if (takesRequests(this.state)) this.advance()
  }

  private write(): void {
    if (this.state._tag === "Closed") return
    let requestBytes: number
    try {
      requestBytes = this.output.write(this.shared.now())
    } catch (error) {
      return this.fail(`encoding ${this.output.failed()}`, error)
    }
    if (requestBytes === 0) return
    this.lastActiveMs = this.shared.now()
    this.shared.onWritten()
    this.input.release(requestBytes)
    if (this.output.isAnswered) this.apply({ _tag: "AllAnswered" })
  }

  /** Nothing is being worked on: whether anything moves is up to the peer, which may also just not read its answers. */
  private get isUpToPeer(): boolean {
    return this.waitsFor === "Nothing" && !this.input.awaitsMemory && (this.output.isAnswered || this.output.isBlocked)
  }

  private judge(nowMs: number): void {
    const { state } = this
    if (this.input.isLate(nowMs)) return this.refuse("a request did not arrive in time")
    if (this.isUpToPeer && nowMs - this.lastActiveMs >= this.shared.maxIdleMs) return this.refuse("idle")
    if (state._tag === "Refused" && nowMs >= state.untilMs) return this.destroy()
    if (state._tag === "Muted" && nowMs >= state.untilMs) return this.apply({ _tag: "ThrottleEnded" })
    if (this.input.awaitsMemory) this.shared.memory.giveUpLate(nowMs)
    if (this.waitsFor === "Room") this.shared.responseMemory.makeRoom(nowMs)
  }

  private nextDueMs(nowMs: number): number {
    const { state } = this
    if (this.input.awaitsMemory || this.waitsFor === "Room") return nowMs + ConnectionLimits.memoryCheckMs
    const idleMs = (this.isUpToPeer ? this.lastActiveMs : nowMs) + this.shared.maxIdleMs
    const endMs = state._tag === "Refused" || state._tag === "Muted" ? state.untilMs : Infinity
    return Math.min(idleMs, endMs, this.input.lateAtMs)
  }

  private finish(): void {
    this.stopWaiting()
    this.input.end()
    this.output.end()
    this.onClosed()
  }
}
