import type { ByteConnection } from "@kafka-broker/core/seams"
import { FrameSplitter } from "../../../core/src/protocol/FrameSplitter.ts"
import { responseHeaderVersion } from "../../../core/src/protocol/schema/defineApi.ts"
import { ByteReader } from "../../../core/src/protocol/wire/ByteReader.ts"
import type { Expectation, Expected } from "./expectations.ts"

const responseBytesMax = 0x7fff_ffff

/** An answer that is not what the protocol says. */
const decodeAnswer = (frame: Uint8Array, { api, version }: Expected): unknown => {
  const reader = new ByteReader(frame)
  reader.int32()
  if (responseHeaderVersion(api, version) === 1) reader.skipTags()
  const body = api.response.decode(reader, version)
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes follow the answer`)
  return body
}

/** The client end of one connection: what was sent on it, what must come back, and whether it did. */
export class FuzzConnection {
  private readonly bytes: ByteConnection
  private readonly frames = new FrameSplitter(responseBytesMax, () => true)
  private readonly onAnswer: (body: unknown, to: Expected) => void
  private expected: Array<Expected> = []
  private end: Expectation["end"] = "Open"
  private hadSilent = false
  /** A silent request was passed over: whether it failed, which ends the connection, cannot be told. */
  private passedSilent = false
  private isGivenUp = false
  /** What went wrong, if anything did. */
  problem: string | undefined
  isClosed = false
  answers = 0

  constructor(bytes: ByteConnection, onAnswer: (body: unknown, to: Expected) => void = () => {}) {
    this.bytes = bytes
    this.onAnswer = onAnswer
    bytes.start({
      onData: (chunk) => this.receive(chunk),
      onDrain: () => {},
      onClose: () => {
        this.isClosed = true
      }
    })
  }

  send(input: ReadonlyArray<Uint8Array>, { answers, end }: Expectation): void {
    this.expected = [...answers]
    this.end = end
    this.hadSilent = answers.some(({ isSilent }) => isSilent)
    this.passedSilent = false
    this.bytes.write(input)
  }

  destroy(): void {
    this.isClosed = true
    this.isGivenUp = true
    this.bytes.destroy()
  }

  /** What is still to come of what was sent last. */
  get state(): "Settled" | "Waiting" | "MayWait" {
    if (this.isGivenUp) return "Settled"
    if (this.isClosed) {
      if (!this.mayBeClosed) {
        this.problem ??= `closed where ${this.expected[0]?.api.name ?? "nothing"} was to be answered`
      }
      return "Settled"
    }
    const next = this.expected.find(({ isSilent }) => !isSilent)
    if (next === undefined) return this.end === "Close" ? "Waiting" : "Settled"
    return next.mayWait ? "MayWait" : "Waiting"
  }

  /** A refused frame or a silent request that failed closes the connection, but only once all before it is answered. */
  private get mayBeClosed(): boolean {
    const next = this.expected[0]
    if (this.passedSilent || next?.isSilent === true) return true
    return this.end === "Close" && next === undefined
  }

  /** Settled, and fit to take another request. */
  get isReusable(): boolean {
    return !this.isClosed && this.end === "Open" && !this.hadSilent
  }

  private receive(chunk: Uint8Array): void {
    this.frames.push(chunk)
    while (this.frames.check() === "Complete") this.take(this.frames.take())
  }

  private take(frame: Uint8Array): void {
    const correlationId = new DataView(frame.buffer, frame.byteOffset).getInt32(0)
    while (this.expected.length > 0) {
      const expected = this.expected.shift()!
      if (expected.correlationId !== correlationId && expected.isSilent) {
        this.passedSilent = true
        continue
      }
      if (expected.correlationId !== correlationId) break
      this.answers++
      try {
        return this.onAnswer(decodeAnswer(frame, expected), expected)
      } catch (error) {
        this.problem ??= `${expected.api.name} v${expected.version}: ${String(error)}`
        return
      }
    }
    this.problem ??= `an answer with correlation id ${correlationId}, which was not asked for`
  }
}
