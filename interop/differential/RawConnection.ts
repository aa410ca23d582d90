import { connect, type Socket } from "node:net"

/** What came back for a request: a frame without its size prefix, or why there is none. */
export type Answer = Uint8Array | "connection closed" | "no answer"

/** A socket that sends frames and hands out the frames that come back, one by one. */
export class RawConnection {
  private readonly socket: Socket
  private buffered = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => undefined

  constructor(host: string, port: number) {
    this.socket = connect(port, host)
    this.socket.setNoDelay(true)
    this.socket.on("data", (chunk: Buffer) => {
      this.buffered = Buffer.concat([this.buffered, chunk])
      this.wake()
    })
    const end = () => {
      this.ended = true
      this.wake()
    }
    this.socket.on("close", end)
    this.socket.on("end", end)
    this.socket.on("error", end)
  }

  get closed(): boolean {
    return this.ended && this.buffered.length === 0
  }

  write(bytes: Uint8Array): void {
    if (!this.ended) this.socket.write(bytes)
  }

  /** Ends our half, as a client does that dies between two requests. */
  endInput(): void {
    this.socket.end()
  }

  private frame(): Uint8Array | undefined {
    if (this.buffered.length < 4) return undefined
    const end = 4 + this.buffered.readInt32BE(0)
    if (this.buffered.length < end) return undefined
    const frame = new Uint8Array(this.buffered.subarray(4, end))
    this.buffered = this.buffered.subarray(end)
    return frame
  }

  async read(timeoutMs: number): Promise<Answer> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const frame = this.frame()
      if (frame !== undefined) return frame
      if (this.ended) return "connection closed"
      const left = deadline - Date.now()
      if (left <= 0) return "no answer"
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  close(): void {
    this.socket.destroy()
  }
}
