import { Effect } from "effect"
import { type ByteConnection, type ByteConnectionEvents, Listener, ListenError } from "@kafka-broker/core/seams"
import type { NetworkFaults } from "./SimFaults.ts"
import type { SimLife } from "./SimLife.ts"
import type { SimLoop } from "./SimLoop.ts"
import type { SimRandom } from "./SimRandom.ts"

/** Bytes under way above which `write` asks to wait: small, so that back-pressure is met often. */
const HIGH_WATER_MARKS = [512, 4_096, 65_536] as const
/** A connection that is to be lost goes within so many bytes. */
const LOST_WITHIN_BYTES = 4_096
/** Longest time a stalled peer does not read, in milliseconds. */
const STALL_MS_MAX = 3_000
/** What a chunk holds once its receiver has returned. */
const POISON = 0xdb

/** Source: FNV-1a. */
const hashOf = (bytes: Uint8Array): number => {
  let hash = 0x811c_9dc5
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193)
  return hash >>> 0
}

interface Queued {
  readonly bytes: Uint8Array
  /** Called once nothing looks at the chunks of its write any more. */
  readonly onWritten: (() => void) | undefined
}

/** One direction of a connection: bytes under way from one end to the other, in order. */
class Pipe {
  /** The sender ended after what it wrote. */
  isEnding = false
  /** Nothing more is delivered and nobody is told: what one end of a lost connection sees. */
  isCut = false
  private readonly network: SimNetwork
  private readonly number: number
  private readonly highWaterMark: number
  private readonly receiver: () => End
  private readonly sender: () => End
  private queue: Array<Queued> = []
  private sizeBytes = 0
  private lostAfterBytes: number
  private isScheduled = false
  private mustDrain = false
  private deliveredBytes = 0

  constructor(network: SimNetwork, number: number, sender: () => End, receiver: () => End) {
    const { faults, random } = network
    this.network = network
    this.number = number
    this.sender = sender
    this.receiver = receiver
    this.highWaterMark = random.pick(HIGH_WATER_MARKS)
    this.lostAfterBytes = random.chance(faults.lost) ? random.below(LOST_WITHIN_BYTES) : Infinity
  }

  write(chunks: ReadonlyArray<Uint8Array>, onWritten: (() => void) | undefined): boolean {
    for (let i = 0; i < chunks.length; i++) {
      const bytes = chunks[i]!
      const isLast = i === chunks.length - 1
      if (bytes.length > 0 || isLast) this.queue.push({ bytes, onWritten: isLast ? onWritten : undefined })
      this.sizeBytes += bytes.length
    }
    this.schedule()
    this.mustDrain ||= this.sizeBytes >= this.highWaterMark
    return !this.mustDrain
  }

  end(): void {
    this.isEnding = true
    this.schedule()
  }

  /** Drops what is under way. */
  drop(): void {
    this.queue = []
    this.sizeBytes = 0
  }

  schedule(): void {
    if (this.isScheduled || this.isCut || (this.queue.length === 0 && !this.isEnding)) return
    this.isScheduled = true
    this.network.loop.after(this.receiver().life, this.network.latencyMicros(), () => {
      this.isScheduled = false
      this.deliver()
    })
  }

  private deliver(): void {
    const receiver = this.receiver()
    if (this.isCut || receiver.isClosed || !receiver.isReading) return
    if (this.sizeBytes > 0) this.hand(receiver, this.take())
    if (this.lostAfterBytes <= 0) return this.network.lose(this.sender(), receiver)
    if (this.queue.length > 0) this.schedule()
    else if (this.isEnding) receiver.peerEnded()
  }

  /** Bytes of the next delivery: all that is under way, or a part of it. */
  private take(): number {
    const { faults, random } = this.network
    const whole = Math.min(this.sizeBytes, this.lostAfterBytes)
    return whole > 1 && random.chance(faults.cut) ? random.between(1, whole - 1) : whole
  }

  private hand(receiver: End, sizeBytes: number): void {
    const { network } = this
    const chunk = network.borrow(sizeBytes)
    let filled = 0
    while (filled < sizeBytes) {
      const first = this.queue[0]!
      const part = first.bytes.subarray(0, sizeBytes - filled)
      chunk.set(part, filled)
      filled += part.length
      if (part.length < first.bytes.length) {
        this.queue[0] = { bytes: first.bytes.subarray(part.length), onWritten: first.onWritten }
      } else {
        this.queue.shift()
        first.onWritten?.()
      }
    }
    while (this.queue.length > 0 && this.queue[0]!.bytes.length === 0) this.queue.shift()!.onWritten?.()
    this.sizeBytes -= sizeBytes
    this.lostAfterBytes -= sizeBytes
    this.deliveredBytes += sizeBytes
    network.loop.trace.note(network.loop.nowMicros, "Deliver", this.number, sizeBytes, hashOf(chunk))
    if (this.mustDrain && this.sizeBytes < this.highWaterMark) {
      this.mustDrain = false
      const sender = this.sender()
      network.loop.after(sender.life, 0, () => sender.drained())
    }
    try {
      if (sizeBytes > 0) receiver.receive(chunk)
    } finally {
      // The chunk was only lent: whoever still looks at it finds nothing of use.
      chunk.fill(POISON)
    }
  }
}

/** One end of a connection in the world. */
class End implements ByteConnection {
  readonly life: SimLife
  readonly remoteAddress: string
  readonly localAddress = "127.0.0.1"
  isClosed = false
  /** What this end writes, and what it reads. */
  out!: Pipe
  in!: Pipe
  private readonly network: SimNetwork
  private events: ByteConnectionEvents | undefined
  private isPaused = false
  private isStalled = false
  private isEnded = false
  private isAnnounced = false

  constructor(network: SimNetwork, life: SimLife, remoteAddress: string) {
    this.network = network
    this.life = life
    this.remoteAddress = remoteAddress
  }

  get isReading(): boolean {
    return this.events !== undefined && !this.isPaused && !this.isStalled
  }

  readonly start = (events: ByteConnectionEvents): void => {
    this.events = events
    this.in.schedule()
    if (this.isClosed) this.announce()
  }

  readonly write = (chunks: ReadonlyArray<Uint8Array>, onWritten?: () => void): boolean => {
    if (this.isClosed || this.isEnded || this.life.isOver) return true
    return this.out.write(chunks, onWritten)
  }

  readonly pause = (): void => {
    this.isPaused = true
  }

  readonly resume = (): void => {
    this.isPaused = false
    this.in.schedule()
  }

  readonly close = (): void => {
    if (this.isEnded || this.isClosed || this.life.isOver) return
    this.isEnded = true
    this.out.end()
  }

  readonly destroy = (): void => {
    if (this.isClosed || this.life.isOver) return
    this.out.drop()
    this.out.end()
    this.shut()
  }

  receive(chunk: Uint8Array): void {
    this.events!.onData(chunk)
    if (!this.network.random.chance(this.network.faults.stalled)) return
    this.isStalled = true
    this.network.loop.after(this.life, this.network.random.below(STALL_MS_MAX) * 1000, () => {
      this.isStalled = false
      this.in.schedule()
    })
  }

  drained(): void {
    if (!this.isClosed) this.events?.onDrain()
  }

  /** The other end sent its last byte: this end sends its own, then both are closed. */
  peerEnded(): void {
    if (this.isClosed) return
    if (!this.isEnded) this.out.end()
    this.shut()
  }

  /** No byte moves any more in either direction; the owner hears of it soon. */
  shut(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.in.drop()
    this.network.closed(this)
    this.announce()
  }

  private announce(): void {
    if (this.events === undefined || this.isAnnounced) return
    this.isAnnounced = true
    this.network.loop.after(this.life, 0, () => this.events!.onClose())
  }
}

interface Bound {
  readonly life: SimLife
  readonly onConnection: (connection: ByteConnection) => void
}

/** Ports that `listen` gives when it is asked for any. */
const FIRST_PORT = 9_092

/**
 * A network inside one process: each connection keeps its order, and nothing else does. Source of its habits: TCP as
 * `node:net` shows it.
 */
export class SimNetwork {
  readonly loop: SimLoop
  readonly random: SimRandom
  /** Changed by the world when faults begin and end. */
  faults: NetworkFaults
  private readonly bound = new Map<number, Bound>()
  private readonly ends = new Set<End>()
  private scratch = new Uint8Array(4_096)
  private connections = 0

  constructor(loop: SimLoop, random: SimRandom, faults: NetworkFaults) {
    this.loop = loop
    this.random = random
    this.faults = faults
  }

  /** Ends that are open, of all connections of a life. */
  openEnds(life: SimLife): number {
    let count = 0
    for (const end of this.ends) if (end.life === life) count++
    return count
  }

  /** The seam of one life of the broker. */
  listenerOf(life: SimLife): Listener["Service"] {
    return Listener.of({
      listen: ({ host, port }, onConnection) =>
        Effect.acquireRelease(
          Effect.suspend(() => {
            let given = port
            if (given === 0) { for (given = FIRST_PORT; this.bound.has(given);) given++ }
            if (this.bound.has(given)) {
              return Effect.fail(
                new ListenError({ host, port, reason: "AddressInUse", message: `port ${port} is in use` })
              )
            }
            this.bound.set(given, { life, onConnection })
            return Effect.succeed({ host, port: given })
          }),
          (listener) => Effect.sync(() => this.bound.delete(listener.port))
        )
    })
  }

  /** A connection to what listens on the port; one that is refused closes soon after its start. */
  connect(life: SimLife, port: number, name: string): ByteConnection {
    const number = this.connections++
    this.loop.trace.note(this.loop.nowMicros, "Connect", number, this.loop.trace.place(name))
    const client = new End(this, life, "127.0.0.1")
    const bound = this.bound.get(port)
    const server = new End(this, bound?.life ?? life, "127.0.0.1")
    client.out = server.in = new Pipe(this, number * 2 + 1, () => client, () => server)
    server.out = client.in = new Pipe(this, number * 2, () => server, () => client)
    if (bound === undefined) {
      this.loop.after(life, this.latencyMicros(), () => client.shut())
      return client
    }
    this.ends.add(client)
    this.ends.add(server)
    this.loop.after(bound.life, this.latencyMicros(), () => {
      if (this.bound.get(port) === bound) bound.onConnection(server)
      else this.reset(server, client)
    })
    return client
  }

  /** A life is over: its ends are gone without a word, and the other ends hear of it now or later or, half open, never. */
  crashed(life: SimLife, areLeftOpen: (random: SimRandom) => boolean): void {
    for (const [port, { life: owner }] of this.bound) if (owner === life) this.bound.delete(port)
    for (const end of [...this.ends]) {
      if (end.life !== life) continue
      end.isClosed = true
      this.ends.delete(end)
      end.in.isCut = true
      end.out.drop()
      if (areLeftOpen(this.random)) end.out.isCut = true
      else end.out.end()
    }
  }

  /** Bytes of a direction were lost: both ends are closed, or only one of them. */
  lose(sender: End, receiver: End): void {
    const { faults, loop, random } = this
    loop.trace.note(loop.nowMicros, "Close", 0, 0, 1)
    sender.out.isCut = true
    sender.in.isCut = true
    const untold = random.chance(faults.halfOpen) ? random.pick([sender, receiver]) : undefined
    for (const end of [sender, receiver]) {
      if (end !== untold) loop.after(end.life, this.latencyMicros(), () => end.shut())
    }
  }

  private reset(server: End, client: End): void {
    server.shut()
    this.loop.after(client.life, this.latencyMicros(), () => client.shut())
  }

  closed(end: End): void {
    this.ends.delete(end)
  }

  latencyMicros(): number {
    return this.random.below(Math.round(this.faults.latencyMsMax * 1000) + 1)
  }

  /** Memory for one delivery; it is the same memory each time, and may be borrowed again when the delivery is over. */
  borrow(sizeBytes: number): Uint8Array {
    if (this.scratch.length < sizeBytes) this.scratch = new Uint8Array(sizeBytes * 2)
    return this.scratch.subarray(0, sizeBytes)
  }
}
