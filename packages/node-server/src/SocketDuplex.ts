import type { ByteConnection } from "@kafka-broker/core/seams"
import { Duplex } from "node:stream"

/**
 * A byte connection as a Node stream that stands in for a socket: what a client does with a socket beside reading and
 * writing does nothing here, and `connect` is told in the next turn. Clients of other people take it as their socket.
 */
export class SocketDuplex extends Duplex {
  private readonly connection: ByteConnection
  private writable_: (() => void) | undefined

  constructor(connection: ByteConnection) {
    super({ allowHalfOpen: false })
    this.connection = connection
    connection.start({
      onData: (chunk) => {
        // The chunk is only lent.
        if (!this.push(Buffer.from(chunk))) connection.pause()
      },
      onDrain: () => {
        const next = this.writable_
        this.writable_ = undefined
        next?.()
      },
      onClose: () => {
        this.push(null)
        this.destroy()
      }
    })
    setImmediate(() => this.emit("connect"))
  }

  override _read(): void {
    this.connection.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    // The writer may use its memory again once this returns.
    if (this.connection.write([Uint8Array.from(chunk)])) done()
    else this.writable_ = done
  }

  override _final(done: () => void): void {
    this.connection.close()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connection.destroy()
    done(error)
  }

  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
