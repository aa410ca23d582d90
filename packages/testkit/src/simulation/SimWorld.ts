import { Authorizer, BrokerConfig, KafkaBroker, RequestObserver } from "@kafka-broker/core"
import { Listener, LogFiles, makeProcessMemory, type ProcessMemory, Tick } from "@kafka-broker/core/seams"
import { NodeCompression } from "@kafka-broker/node-server"
import { Cause, Context, Effect, Exit, Latch, Layer } from "effect"
import { makeDiskGate } from "./DiskGate.ts"
import { noNetworkFaults } from "./SimFaults.ts"
import { makeSimDisk, type SimDisk } from "./SimDisk.ts"
import { type LoggedLine, SimLife } from "./SimLife.ts"
import { SimLoop } from "./SimLoop.ts"
import { SimNetwork } from "./SimNetwork.ts"
import { SimRandom } from "./SimRandom.ts"

/** Where the broker of a world listens. */
export const BROKER_PORT = 9_092

/** 2026-01-01T00:00:00Z: what the wall clock shows when a world begins, in milliseconds since the epoch. */
const WORLD_BEGAN_MS = 1_767_225_600_000

/** Waits that only slow a simulation down are off, and everything that is rare on a real broker is frequent. */
const worldProperties = {
  listeners: `PLAINTEXT://127.0.0.1:${BROKER_PORT}`,
  "group.initial.rebalance.delay.ms": "0",
  "offsets.topic.num.partitions": "2",
  "connections.max.idle.ms": "60000"
}

/** How a life of the broker ended, or why it never was one. */
export type BrokerEnd =
  | { readonly _tag: "Stopped" }
  | { readonly _tag: "Crashed"; readonly isPowerCut: boolean }
  | { readonly _tag: "Failed"; readonly cause: Cause.Cause<unknown> }

/** One start of the broker. */
export interface BrokerLife {
  /** Counts from 1. */
  readonly number: number
  readonly life: SimLife
  readonly memory: ProcessMemory
  /** Files that it has open. */
  readonly handles: () => number
  /** Undefined while it starts. */
  broker: KafkaBroker["Service"] | undefined
  end: BrokerEnd | undefined
}

/** What a world is made of. */
export interface SimWorldOptions {
  readonly seed: number
  /** Broker settings by Kafka's names, over those of the world. */
  readonly properties?: Readonly<Record<string, string>>
  /** Operations of fibers between two forced pauses, on average; 0: none are forced. */
  readonly operationsPerPause?: number
  /** Sees every request that reaches the broker. */
  readonly onRequest?: (seen: Parameters<RequestObserver>[0]) => void
  /** Called at the moment of a crash, before anything else happens. */
  readonly onCrash?: (isPowerCut: boolean) => void
}

/**
 * A whole world in one thread: a broker that is started, stopped and crashed, its disk, a network, clients and a clock, all
 * driven by one loop from one seed.
 */
export class SimWorld {
  readonly seed: number
  readonly loop: SimLoop
  readonly network: SimNetwork
  /** The life of everything but the broker: it ends with the world. */
  readonly clients: SimLife
  /** The newest life of the broker. */
  current: BrokerLife | undefined
  /** Lines that say that something died, of any life: always a fault. */
  readonly deaths: Array<string> = []
  /** Every warning and error of the broker, newest last. */
  readonly warnings: Array<string> = []
  readonly disk: SimDisk
  private readonly properties: Readonly<Record<string, string>>
  private readonly operationsPerPause: number
  private readonly onCrash: ((isPowerCut: boolean) => void) | undefined
  private readonly onRequest: ((seen: Parameters<RequestObserver>[0]) => void) | undefined
  private lives = 0
  private changesUntilCrash = Infinity
  private isCrashPowerCut = false
  private awaited: Array<() => void> = []
  private readonly stopRequests = new WeakMap<BrokerLife, Latch.Latch>()

  constructor(options: SimWorldOptions) {
    this.seed = options.seed
    this.properties = { ...worldProperties, ...options.properties }
    this.operationsPerPause = options.operationsPerPause ?? 0
    this.onCrash = options.onCrash
    this.onRequest = options.onRequest
    this.loop = new SimLoop(this.random("order"))
    this.loop.wallOffsetMs = WORLD_BEGAN_MS
    this.network = new SimNetwork(this.loop, this.random("network"), noNetworkFaults)
    this.disk = makeSimDisk({ random: this.random("disk") })
    this.clients = this.makeLife("clients")
  }

  /** A stream of random numbers of its own. */
  random(stream: string): SimRandom {
    return new SimRandom(this.seed, stream)
  }

  /** What the wall clock shows, in milliseconds since the epoch. */
  get wallMs(): number {
    return Math.floor(this.loop.nowMicros / 1000) + this.loop.wallOffsetMs
  }

  /** Sets the wall clock forward or back; what measures time by the monotonic clock does not notice. */
  moveWallClock(byMs: number): void {
    this.loop.trace.note(this.loop.nowMicros, "Clock", byMs)
    this.loop.wallOffsetMs += byMs
  }

  /** A line of the history in the trace. */
  note(subject: string, what: string, number = 0): void {
    const { trace } = this.loop
    trace.note(this.loop.nowMicros, "Note", trace.place(subject), trace.place(what), number)
  }

  /** Begins a life of the broker, which must not have one. */
  startBroker(): BrokerLife {
    const number = ++this.lives
    const name = `broker ${number}`
    const life = this.makeLife(name)
    const memory = makeProcessMemory()
    let handles = (): number => 0
    const started: BrokerLife = { number, life, memory, handles: () => handles(), broker: undefined, end: undefined }
    const stop = Latch.makeUnsafe(false)
    this.stopRequests.set(started, stop)
    this.current = started
    this.noteLife(number, "starts")
    const layer = KafkaBroker.layer.pipe(Layer.provide([
      BrokerConfig.layer(this.properties),
      Authorizer.allowAll,
      Layer.effect(
        LogFiles,
        Effect.map(LogFiles, (files) => {
          const gate = makeDiskGate(files, { life, loop: this.loop, onChange: () => this.onDiskChange() })
          handles = gate.handles
          return gate.files
        })
      ).pipe(Layer.provide(this.disk.layer)),
      Layer.succeed(Listener, this.network.listenerOf(life)),
      Layer.succeed(Tick, life.tick),
      NodeCompression.layer
    ]))
    const run = Effect.scoped(Effect.flatMap(Layer.build(layer), (context) => {
      started.broker = Context.get(context, KafkaBroker)
      this.noteLife(number, "serves")
      this.wakeAwaiting()
      return stop.await
    }))
    const context = Context.add(Context.merge(life.context, memory.context), RequestObserver, this.onRequest)
    Effect.runForkWith(context)(run).addObserver((exit) => {
      if (life.isOver) return
      this.ended(started, Exit.isSuccess(exit) ? { _tag: "Stopped" } : { _tag: "Failed", cause: exit.cause })
    })
    return started
  }

  /** Asks the broker to stop as a signal does; {@link BrokerLife.end} tells when it has. */
  stopBroker(): void {
    const { current } = this
    if (current === undefined) return
    this.noteLife(current.number, "is asked to stop")
    this.stopRequests.get(current)?.openUnsafe()
  }

  /** Ends the broker between two steps, or in the middle of what it does: no finalizer runs. */
  crashBroker(isPowerCut: boolean): void {
    const { current } = this
    this.changesUntilCrash = Infinity
    if (current === undefined || current.end !== undefined) return
    current.life.end()
    this.noteLife(current.number, isPowerCut ? "loses power" : "is killed")
    this.onCrash?.(isPowerCut)
    if (isPowerCut) this.disk.crash()
    else this.disk.kill()
    // A machine without power says nothing; the system of a killed process closes its connections.
    this.network.crashed(current.life, (random) => isPowerCut && random.chance(0.5))
    this.ended(current, { _tag: "Crashed", isPowerCut })
  }

  /** Crashes the broker just before its n-th change of the disk from now on. */
  crashAtChange(changes: number, isPowerCut: boolean): void {
    this.changesUntilCrash = changes
    this.isCrashPowerCut = isPowerCut
  }

  /** Completes once the broker serves or its life is over. */
  readonly awaitBroker: Effect.Effect<BrokerLife | undefined> = this.when(() =>
    this.current === undefined || this.current.broker !== undefined || this.current.end !== undefined
  )

  /** Completes once the life of the broker that is the current one now is over. */
  readonly awaitEnd: Effect.Effect<BrokerLife | undefined> = Effect.suspend(() => {
    const { current } = this
    return this.when(() => current?.end !== undefined)
  })

  /** Runs an effect as a client would be: until it is done, or until nothing can happen any more. */
  run<A, E>(effect: Effect.Effect<A, E>): Exit.Exit<A, E> | "AtRest" | "Endless" {
    let exit: Exit.Exit<A, E> | undefined
    Effect.runForkWith(this.clients.context)(effect).addObserver((ended) => {
      exit = ended
    })
    const end = this.loop.run(() => exit !== undefined)
    return exit ?? (end === "Endless" ? "Endless" : "AtRest")
  }

  private when(isTrue: () => boolean): Effect.Effect<BrokerLife | undefined> {
    return Effect.callback<BrokerLife | undefined>((resume) => {
      const look = (): void => {
        if (isTrue()) resume(Effect.succeed(this.current))
        else this.awaited.push(look)
      }
      look()
    })
  }

  /** What waits for the broker looks again, each on a turn of its own. */
  private wakeAwaiting(): void {
    const { awaited } = this
    this.awaited = []
    for (const look of awaited) this.loop.after(this.clients, 0, look)
  }

  private ended(started: BrokerLife, end: BrokerEnd): void {
    started.end = end
    started.life.end()
    this.noteLife(started.number, end._tag)
    this.wakeAwaiting()
  }

  private onDiskChange(): void {
    if (--this.changesUntilCrash <= 0) this.crashBroker(this.isCrashPowerCut)
  }

  private noteLife(number: number, what: string): void {
    const { trace } = this.loop
    trace.note(this.loop.nowMicros, "Life", number, trace.place(what))
  }

  private makeLife(name: string): SimLife {
    return new SimLife({
      loop: this.loop,
      random: this.random(name),
      operationsPerPause: this.operationsPerPause,
      onLog: (line) => this.logged(name, line)
    })
  }

  private logged(name: string, { cause, level, life, text }: LoggedLine): void {
    if (life.isOver) return
    const { trace } = this.loop
    trace.note(this.loop.nowMicros, "Log", trace.place(`${name} ${level}`), trace.place(text))
    if (level !== "Warn" && level !== "Error" && level !== "Fatal") return
    const why = Cause.isCause(cause) && cause.reasons.length > 0 ? ` ${Cause.pretty(cause)}` : ""
    this.warnings.push(`${name} ${level} ${text}${why}`)
    if (Cause.isCause(cause) && Cause.hasDies(cause)) this.deaths.push(`${name}: ${text}${why}`)
  }
}
