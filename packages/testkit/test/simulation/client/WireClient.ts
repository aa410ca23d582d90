import { type AnyApi, Frame, FrameSplitter, type RequestInputOf, type ResponseOf } from "@kafka-broker/core/protocol"
import type { ByteConnection } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import type { SimTimer } from "../../../src/simulation/SimLoop.ts"
import { BROKER_PORT, type SimWorld } from "../../../src/simulation/SimWorld.ts"

/** Why a request has no answer; whether it was carried out is not known. */
export type NoAnswer = { readonly _tag: "Disconnected" } | { readonly _tag: "TimedOut" }

const disconnected: NoAnswer = { _tag: "Disconnected" }
const timedOut: NoAnswer = { _tag: "TimedOut" }

/** Longest wait for an answer, in milliseconds, as a client's `request.timeout.ms`; short, so that half-open peers are met. */
const REQUEST_TIMEOUT_MS = 5_000

interface Waiting {
  readonly api: AnyApi
  readonly version: number
  readonly timer: SimTimer
  result: Effect.Effect<unknown, NoAnswer> | undefined
  resume: ((result: Effect.Effect<unknown, NoAnswer>) => void) | undefined
}

const settle = (waiting: Waiting, result: Effect.Effect<unknown, NoAnswer>): void => {
  waiting.timer.cancel()
  waiting.result = result
  waiting.resume?.(result)
}

export interface RequestOptions {
  /** Longest wait for the answer, in milliseconds. */
  readonly timeoutMs?: number
}

/**
 * One client of the broker: a connection at a time, made when it is needed, closed when an answer does not come in time.
 * Answers are matched by correlation id; the order is the connection's. Source: NetworkClient.
 */
export class WireClient {
  private readonly world: SimWorld
  private readonly name: string
  private bytes: ByteConnection | undefined
  private frames = new FrameSplitter(0x7fff_ffff, () => true)
  private waiting = new Map<number, Waiting>()
  private correlationId = 0

  constructor(world: SimWorld, name: string) {
    this.world = world
    this.name = name
  }

  /** Sends one request and waits for its answer. */
  request<A extends AnyApi>(
    api: A,
    version: number,
    body: RequestInputOf<A>,
    options: RequestOptions = {}
  ): Effect.Effect<ResponseOf<A>, NoAnswer> {
    return Effect.suspend(() => this.begin(api, version, body, options))
  }

  /** Sends one request now; what is returned waits for its answer. So several are in flight, in the order of the calls. */
  begin<A extends AnyApi>(
    api: A,
    version: number,
    body: RequestInputOf<A>,
    options: RequestOptions = {}
  ): Effect.Effect<ResponseOf<A>, NoAnswer> {
    const { loop } = this.world
    const correlationId = ++this.correlationId
    const chunks = Frame.encodeRequest(api, version, { correlationId, clientId: this.name }, body)
    const bytes = this.connection()
    const timer = loop.after(this.world.clients, (options.timeoutMs ?? REQUEST_TIMEOUT_MS) * 1000, () => {
      this.end(timedOut)
    })
    const waiting: Waiting = { api, version, timer, result: undefined, resume: undefined }
    this.waiting.set(correlationId, waiting)
    bytes.write(chunks)
    return Effect.callback<unknown, NoAnswer>((resume) => {
      if (waiting.result !== undefined) return resume(waiting.result)
      waiting.resume = resume
      return Effect.sync(() => {
        timer.cancel()
        this.waiting.delete(correlationId)
      })
    }) as Effect.Effect<ResponseOf<A>, NoAnswer>
  }

  /** Sends a request that is never answered. */
  send<A extends AnyApi>(api: A, version: number, body: RequestInputOf<A>): void {
    const correlationId = ++this.correlationId
    this.connection().write(Frame.encodeRequest(api, version, { correlationId, clientId: this.name }, body))
  }

  /** Closes; what waits fails. */
  readonly close = (): void => this.end(disconnected)

  private connection(): ByteConnection {
    if (this.bytes !== undefined) return this.bytes
    const bytes = this.world.network.connect(this.world.clients, BROKER_PORT, this.name)
    this.bytes = bytes
    this.frames = new FrameSplitter(0x7fff_ffff, () => true)
    bytes.start({
      onData: (chunk) => {
        if (this.bytes === bytes) this.receive(chunk)
      },
      onDrain: () => {},
      onClose: () => {
        if (this.bytes === bytes) this.end(disconnected)
      }
    })
    return bytes
  }

  private receive(chunk: Uint8Array): void {
    this.frames.push(chunk)
    while (this.frames.check() === "Complete") this.answer(this.frames.take())
  }

  private answer(frame: Uint8Array): void {
    const correlationId = (frame[0]! << 24) | (frame[1]! << 16) | (frame[2]! << 8) | frame[3]!
    const one = this.waiting.get(correlationId)
    if (one === undefined) return
    this.waiting.delete(correlationId)
    settle(one, Effect.succeed(Frame.decodeResponse(one.api, one.version, frame).body))
  }

  private end(why: NoAnswer): void {
    const { bytes, waiting } = this
    this.bytes = undefined
    this.waiting = new Map()
    bytes?.destroy()
    for (const one of waiting.values()) settle(one, Effect.fail(why))
  }
}
