import type { ByteConnection, ByteConnectionEvents } from "./Listener.ts"
import type { Tick } from "./Tick.ts"

/** Bytes one end may hold for the other before `write` asks its owner to wait. */
const highWaterMarkBytes = 1024 * 1024

/** One end of an in-process connection; what it is given to write arrives at the other end at the end of the tick. */
class End implements ByteConnection {
  peer: End | undefined
  private events: ByteConnectionEvents | undefined
  private inbox: Array<Uint8Array> = []
  private inboxBytes = 0
  private paused = false
  private delivering = false
  private ended = false
  private closed = false
  readonly remoteAddress: string
  readonly localAddress = "127.0.0.1"
  private readonly tick: Tick["Service"]

  constructor(remoteAddress: string, tick: Tick["Service"]) {
    this.remoteAddress = remoteAddress
    this.tick = tick
  }

  readonly start = (events: ByteConnectionEvents): void => {
    this.events = events
    this.schedule()
  }

  readonly write = (chunks: ReadonlyArray<Uint8Array>): boolean => {
    const peer = this.peer
    if (this.closed || peer === undefined || peer.closed) return true
    for (const chunk of chunks) {
      peer.inbox.push(chunk)
      peer.inboxBytes += chunk.length
    }
    peer.schedule()
    return peer.inboxBytes < highWaterMarkBytes
  }

  readonly unsentBytes = (): number => this.peer?.inboxBytes ?? 0

  readonly pause = (): void => {
    this.paused = true
  }

  readonly resume = (): void => {
    this.paused = false
    this.schedule()
  }

  readonly close = (): void => {
    if (this.closed) return
    if (this.peer !== undefined) {
      this.peer.ended = true
      this.peer.schedule()
    }
    this.shut()
  }

  readonly destroy = (): void => {
    this.inbox = []
    this.close()
  }

  private schedule(): void {
    if (this.delivering || this.closed || this.events === undefined) return
    this.delivering = true
    this.tick.atEnd(() => {
      this.delivering = false
      this.deliver()
    })
  }

  private deliver(): void {
    while (!this.closed && !this.paused && this.inbox.length > 0) {
      const chunk = this.inbox.shift()!
      const wasFull = this.inboxBytes >= highWaterMarkBytes
      this.inboxBytes -= chunk.length
      this.events!.onData(chunk)
      if (wasFull && this.inboxBytes < highWaterMarkBytes) this.peer?.events?.onDrain()
    }
    if (this.ended && this.inbox.length === 0) this.shut()
  }

  private shut(): void {
    if (this.closed) return
    this.closed = true
    this.events?.onClose()
  }
}

/**
 * A connected pair of byte connections inside one process: the first end for a client, the second for the broker. Each
 * end keeps order and back-pressure as a socket does.
 */
export const makeInProcessConnection = (
  tick: Tick["Service"]
): { readonly client: ByteConnection; readonly server: ByteConnection } => {
  const client = new End("in-process", tick)
  const server = new End("127.0.0.1", tick)
  client.peer = server
  server.peer = client
  return { client, server }
}
