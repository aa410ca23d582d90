import type { Socket } from "node:net"

/** Bytes of a response that are looked at; what follows is only counted. */
const lookedAtBytes = 512

/** Called with the bytes of one response after its size prefix (its beginning, where it came in pieces) and its size. */
export type OnResponse = (bytes: Uint8Array, at: number, sizeBytes: number) => void

/** Cuts responses out of a socket without copying them. `onChunkEnd` follows after the last response of a chunk. */
export class ResponseStream {
  private readonly onResponse: OnResponse
  private readonly onChunkEnd: () => void
  private readonly scratch = new Uint8Array(4 + lookedAtBytes)
  private scratchUsed = 0
  /** Bytes of the current response still to come, or -1 while its size is not known. */
  private missing = -1
  private sizeBytes = 0

  constructor(socket: Socket, onResponse: OnResponse, onChunkEnd: () => void) {
    this.onResponse = onResponse
    this.onChunkEnd = onChunkEnd
    socket.on("data", (chunk) => this.chunk(chunk as Uint8Array))
  }

  private chunk(chunk: Uint8Array): void {
    let at = this.scratchUsed > 0 ? this.resume(chunk) : 0
    while (chunk.length - at >= 4) {
      const size = int32At(chunk, at)
      if (chunk.length - at - 4 < size) break
      this.onResponse(chunk, at + 4, size)
      at += 4 + size
    }
    if (at < chunk.length) this.resume(chunk.subarray(at))
    this.onChunkEnd()
  }

  /** Goes on with a response that came in pieces; returns how far the chunk is used. */
  private resume(chunk: Uint8Array): number {
    let at = 0
    while (this.scratchUsed < 4 && at < chunk.length) this.scratch[this.scratchUsed++] = chunk[at++]!
    if (this.scratchUsed < 4) return at
    if (this.missing < 0) this.missing = this.sizeBytes = int32At(this.scratch, 0)
    const take = Math.min(this.missing, chunk.length - at)
    const keep = Math.min(take, this.scratch.length - this.scratchUsed)
    if (keep > 0) {
      this.scratch.set(chunk.subarray(at, at + keep), this.scratchUsed)
      this.scratchUsed += keep
    }
    this.missing -= take
    if (this.missing > 0) return chunk.length
    this.scratchUsed = 0
    this.missing = -1
    this.onResponse(this.scratch, 4, this.sizeBytes)
    return at + take
  }
}

export const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
