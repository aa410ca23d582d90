import type { Socket } from "node:net"

/** A place in the row of answers of one connection; filled in any order, sent in the order of the requests. */
export interface Slot {
  /** Undefined until answered; empty where nothing is sent (acks 0). */
  answer: ReadonlyArray<Uint8Array> | undefined
}

/** Answers above this many bytes in one tick are handed over as they are instead of being put together. */
const joinBytesMax = 64 * 1024

/** One socket: cuts frames out of chunks and sends answers in order, once per tick. */
export class FloorConnection {
  private readonly socket: Socket
  private readonly onFrame: (connection: FloorConnection, frame: Uint8Array) => void
  private readonly onReady: (connection: FloorConnection) => void
  private slots: Array<Slot> = []
  private isListed = false
  private chunks: Array<Uint8Array> = []
  private available = 0
  private needed = 4

  constructor(
    socket: Socket,
    onFrame: (connection: FloorConnection, frame: Uint8Array) => void,
    onReady: (connection: FloorConnection) => void
  ) {
    this.socket = socket
    this.onFrame = onFrame
    this.onReady = onReady
    socket.setNoDelay(true)
    socket.on("data", (chunk) => this.chunk(chunk as Uint8Array))
    socket.on("drain", () => socket.resume())
    socket.on("error", () => socket.destroy())
  }

  private chunk(chunk: Uint8Array): void {
    if (this.available === 0) {
      const rest = this.frames(chunk)
      if (rest.length > 0) this.keep(rest)
      return
    }
    this.keep(chunk)
    if (this.available < this.needed) return
    const bytes = Buffer.concat(this.chunks, this.available)
    this.chunks = []
    this.available = 0
    this.needed = 4
    const rest = this.frames(bytes)
    if (rest.length > 0) this.keep(rest)
  }

  private keep(bytes: Uint8Array): void {
    if (this.chunks.length === 0 && bytes.length >= 4) this.needed = 4 + int32At(bytes, 0)
    this.chunks.push(bytes)
    this.available += bytes.length
  }

  /** Hands out every complete frame and returns what is left. */
  private frames(bytes: Uint8Array): Uint8Array {
    let at = 0
    while (bytes.length - at >= 4) {
      const end = at + 4 + int32At(bytes, at)
      if (end > bytes.length) break
      this.onFrame(this, bytes.subarray(at + 4, end))
      at = end
    }
    return at === 0 ? bytes : bytes.subarray(at)
  }

  /** Opens a place for an answer. */
  slot(): Slot {
    const slot: Slot = { answer: undefined }
    this.slots.push(slot)
    return slot
  }

  /** Fills the place; it goes out in this tick if nothing before it is still open. */
  answer(slot: Slot, answer: ReadonlyArray<Uint8Array>): void {
    slot.answer = answer
    if (this.isListed) return
    this.isListed = true
    this.onReady(this)
  }

  /** Sends the answered beginning of the row. */
  flush(): void {
    this.isListed = false
    let count = 0
    let total = 0
    const parts: Array<Uint8Array> = []
    for (; count < this.slots.length; count++) {
      const answer = this.slots[count]!.answer
      if (answer === undefined) break
      for (const part of answer) {
        parts.push(part)
        total += part.length
      }
    }
    if (count === 0) return
    if (count === this.slots.length) this.slots = []
    else this.slots.splice(0, count)
    if (total === 0 || this.socket.destroyed) return
    let mayGoOn = true
    if (total <= joinBytesMax) {
      mayGoOn = this.socket.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts, total))
    } else {
      this.socket.cork()
      for (const part of parts) mayGoOn = this.socket.write(part)
      this.socket.uncork()
    }
    if (!mayGoOn) this.socket.pause()
  }
}

const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
