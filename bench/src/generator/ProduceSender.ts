import type { Socket } from "node:net"
import type { ProduceTemplate } from "./ProduceTemplate.ts"
import { ResponseStream } from "./ResponseStream.ts"

/** Frames up to this size are copied into one write; the bytes of larger ones are shared by all requests. */
const copiedFrameBytesMax = 8 * 1024
const correlationMask = 0x7fff_ffff

export interface ProduceSenderOptions {
  readonly socket: Socket
  readonly template: ProduceTemplate
  readonly partitions: number
  /** Partition of the first request; the others follow in turn. */
  readonly firstPartition: number
  /** Called for every answer with the time since its request was sent, in milliseconds. */
  readonly onAnswer: (latencyMs: number) => void
  /** How many further requests to send after the answers of one chunk. */
  readonly onChunkEnd: (sender: ProduceSender, answers: number) => void
  readonly onError: (error: Error) => void
}

/** Sends Produce requests on one connection and checks the answers: their order and their error codes. */
export class ProduceSender {
  sent = 0
  answered = 0
  private isClosed = false
  private readonly options: ProduceSenderOptions
  private sendTimes = new Float64Array(16)
  private answersOfChunk = 0
  private now = 0

  constructor(options: ProduceSenderOptions) {
    this.options = options
    new ResponseStream(options.socket, (bytes, at) => this.onResponse(bytes, at), () => this.onChunkEnd())
    options.socket.on("error", options.onError)
    options.socket.on("close", () => {
      if (!this.isClosed && this.answered < this.sent) {
        options.onError(new Error("the broker closed a producer's connection"))
      }
    })
  }

  /** Sends `count` requests in one write. */
  send(count: number): void {
    if (count <= 0) return
    const { socket, template } = this.options
    const now = performance.now()
    while (this.sent + count - this.answered > this.sendTimes.length) this.growRing()
    if (template.frameBytes <= copiedFrameBytesMax) {
      const bytes = Buffer.allocUnsafe(count * template.frameBytes)
      for (let index = 0; index < count; index++) {
        template.copyTo(bytes, index * template.frameBytes, this.sent & correlationMask, this.nextPartition())
        this.sendTimes[this.sent++ & (this.sendTimes.length - 1)] = now
      }
      socket.write(bytes)
      return
    }
    socket.cork()
    for (let index = 0; index < count; index++) {
      const [head, body] = template.parts(this.sent & correlationMask, this.nextPartition())
      this.sendTimes[this.sent++ & (this.sendTimes.length - 1)] = now
      socket.write(head)
      socket.write(body)
    }
    socket.uncork()
  }

  close(): void {
    this.isClosed = true
    this.options.socket.destroy()
  }

  private nextPartition(): number {
    return (this.options.firstPartition + this.sent) % this.options.partitions
  }

  private growRing(): void {
    const old = this.sendTimes
    this.sendTimes = new Float64Array(old.length * 2)
    for (let index = this.answered; index < this.sent; index++) {
      this.sendTimes[index & (this.sendTimes.length - 1)] = old[index & (old.length - 1)]!
    }
  }

  private onResponse(bytes: Uint8Array, at: number): void {
    if (this.answersOfChunk++ === 0) this.now = performance.now()
    try {
      this.options.template.check(bytes, at, this.answered & correlationMask)
    } catch (error) {
      return this.options.onError(error as Error)
    }
    this.options.onAnswer(this.now - this.sendTimes[this.answered++ & (this.sendTimes.length - 1)]!)
  }

  private onChunkEnd(): void {
    const answers = this.answersOfChunk
    this.answersOfChunk = 0
    if (answers > 0) this.options.onChunkEnd(this, answers)
  }
}
