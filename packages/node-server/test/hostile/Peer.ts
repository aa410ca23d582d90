import * as Net from "node:net"
import { encodeRequest } from "../../../core/src/protocol/Frame.ts"
import type { AnyApi, RequestInputOf } from "../../../core/src/protocol/schema/defineApi.ts"

/** One hostile connection: sends what it likes and reads only when asked to. */
export class Peer {
  readonly socket: Net.Socket
  isClosed = false
  private correlationId = 0

  private constructor(socket: Net.Socket) {
    this.socket = socket
    socket.on("error", () => {})
    socket.on("close", () => {
      this.isClosed = true
    })
  }

  static connect(port: number): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = Net.connect({ host: "127.0.0.1", port, noDelay: true })
      const peer = new Peer(socket)
      socket.once("connect", () => resolve(peer))
      socket.once("error", reject)
    })
  }

  /** Sends a request whose answer is read by nobody, or thrown away. */
  send<A extends AnyApi>(api: A, version: number, body: RequestInputOf<A>): Promise<void> {
    return this.write(Buffer.concat(frameOf(api, version, body, this.correlationId++)))
  }

  /** Completes when the bytes are taken, or when the connection is gone. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) return resolve()
      this.socket.once("close", () => resolve())
      this.socket.write(bytes, () => resolve())
      this.socket.setMaxListeners(0)
    })
  }

  /** Reads and throws away. */
  drain(): void {
    this.socket.resume()
  }

  /** Completes when something was read, or when the connection is gone. */
  get answered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) return resolve()
      this.socket.once("data", () => resolve())
      this.socket.once("close", () => resolve())
    })
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** A request as it goes over the wire. */
export const frameOf = <A extends AnyApi>(
  api: A,
  version: number,
  body: RequestInputOf<A>,
  correlationId = 0
): ReadonlyArray<Uint8Array> => encodeRequest(api, version, { correlationId, clientId: "hostile" }, body)
