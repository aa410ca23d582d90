import * as Net from "node:net"
import { decodeResponse, encodeRequest } from "../../../core/src/protocol/Frame.ts"
import { FrameSplitter } from "../../../core/src/protocol/FrameSplitter.ts"
import type { AnyApi, RequestInputOf, ResponseOf } from "../../../core/src/protocol/schema/defineApi.ts"

interface Waiting {
  readonly api: AnyApi
  readonly version: number
  readonly resolve: (body: any) => void
  readonly reject: (error: Error) => void
}

/** A client over one TCP connection, without retries: what the broker did not answer is rejected when it is gone. */
export class SocketClient {
  private readonly socket: Net.Socket
  private readonly frames = new FrameSplitter(0x7fff_ffff, () => true)
  private readonly waiting: Array<Waiting> = []
  private correlationId = 0
  private isClosed = false

  private constructor(socket: Net.Socket) {
    this.socket = socket
    socket.on("data", (chunk) => this.receive(chunk))
    socket.on("error", () => {})
    socket.on("close", () => {
      this.isClosed = true
      for (const { reject } of this.waiting.splice(0)) reject(new Error("the connection is gone"))
    })
  }

  static connect(port: number): Promise<SocketClient> {
    return new Promise((resolve, reject) => {
      const socket = Net.connect({ host: "127.0.0.1", port, noDelay: true })
      const client = new SocketClient(socket)
      socket.once("connect", () => resolve(client))
      socket.once("error", reject)
    })
  }

  request<A extends AnyApi>(api: A, version: number, body: RequestInputOf<A>): Promise<ResponseOf<A>> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) return reject(new Error("the connection is gone"))
      this.waiting.push({ api, version, resolve, reject })
      const chunks = encodeRequest(api, version, { correlationId: this.correlationId++, clientId: "crash" }, body)
      this.socket.write(Buffer.concat(chunks))
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private receive(chunk: Uint8Array): void {
    this.frames.push(chunk)
    while (this.frames.check() === "Complete") {
      const { api, reject, resolve, version } = this.waiting.shift()!
      try {
        resolve(decodeResponse(api, version, this.frames.take()).body)
      } catch (error) {
        reject(error as Error)
      }
    }
  }
}
