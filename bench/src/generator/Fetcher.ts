import type { Socket } from "node:net"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { Fetch } from "../../../packages/core/src/protocol/apis/Fetch.ts"
import { int32At, ResponseStream } from "./ResponseStream.ts"
import { requestFrame } from "./Wire.ts"

const fetchVersion = 12
const correlationIdAt = 8
/** Bytes of a frame from the partition index to its end. */
const fromPartitionBytes = 37
const fetchOffsetAfterPartition = 8

/** What one answer brought. */
export interface Fetched {
  readonly batches: number
  readonly latencyMs: number
}

export interface FetcherOptions {
  readonly socket: Socket
  readonly topic: string
  readonly partition: number
  readonly maxWaitMs: number
  readonly fetchBytes: number
  /** All batches of the partition are of this size. */
  readonly batchBytes: number
  readonly recordsPerBatch: number
  readonly onFetched: (fetcher: Fetcher, fetched: Fetched) => void
  readonly onError: (error: Error) => void
}

const int64At = (bytes: Uint8Array, at: number): number =>
  int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0)

/** Fetches one partition without a session, checking error codes and that every answer begins at the asked offset. */
export class Fetcher {
  isClosed = false
  private readonly options: FetcherOptions
  private readonly frame: Buffer
  private readonly nameBytes: number
  private correlationId = 0
  /** Offset and send time of the requests under way. */
  private readonly asked: Array<{ readonly offset: number; readonly at: number }> = []

  constructor(options: FetcherOptions) {
    this.options = options
    this.nameBytes = Buffer.byteLength(options.topic)
    this.frame = requestFrame(Fetch, fetchVersion, {
      maxWaitMs: options.maxWaitMs,
      minBytes: 1,
      sessionEpoch: -1,
      topics: [{
        topic: options.topic,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid,
        partitions: [{
          partition: options.partition,
          fetchOffset: 0,
          partitionMaxBytes: options.fetchBytes,
          replicaDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid
        }]
      }],
      forgottenTopicsData: []
    })
    new ResponseStream(options.socket, (bytes, at) => this.onResponse(bytes, at), () => undefined)
    options.socket.on("error", options.onError)
    options.socket.on("close", () => {
      if (!this.isClosed) options.onError(new Error("the broker closed a consumer's connection"))
    })
  }

  ask(offset: number): void {
    const frame = Buffer.from(this.frame)
    frame.writeInt32BE(this.correlationId + this.asked.length, correlationIdAt)
    const partitionAt = frame.length - fromPartitionBytes
    frame.writeInt32BE(this.options.partition, partitionAt)
    frame.writeBigInt64BE(BigInt(offset), partitionAt + fetchOffsetAfterPartition)
    this.asked.push({ offset, at: performance.now() })
    this.options.socket.write(frame)
  }

  close(): void {
    this.isClosed = true
    this.options.socket.destroy()
  }

  private onResponse(bytes: Uint8Array, start: number): void {
    const asked = this.asked.shift()!
    const fail = (text: string): void => this.options.onError(new Error(`Fetch: ${text}`))
    if (int32At(bytes, start) !== this.correlationId++) return fail("an answer came out of order")
    let at = start + 9
    const requestError = (bytes[at]! << 8) | bytes[at + 1]!
    if (requestError !== 0) return fail(`error ${requestError}`)
    at += 2 + 4 + 1 + 1 + this.nameBytes + 1 + 4
    const error = (bytes[at]! << 8) | bytes[at + 1]!
    if (error !== 0) return fail(`partition error ${error}`)
    at += 2 + 24 + 1 + 4
    let recordBytes = 0
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++]!
      recordBytes += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    recordBytes = Math.max(0, recordBytes - 1)
    // The last batch of an answer may be cut.
    const batches = Math.floor(recordBytes / this.options.batchBytes)
    if (batches > 0 && int64At(bytes, at) !== asked.offset) {
      return fail(`asked for offset ${asked.offset}, got ${int64At(bytes, at)}`)
    }
    this.options.onFetched(this, { batches, latencyMs: performance.now() - asked.at })
  }
}
