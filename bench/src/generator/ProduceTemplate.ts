import { Produce } from "../../../packages/core/src/protocol/apis/Produce.ts"
import type { CodecName } from "../../../packages/core/src/protocol/records/Compression.ts"
import { buildBatch, type NewRecord } from "../../../packages/core/src/protocol/records/RecordBatchBuilder.ts"
import { codecs } from "../../../packages/node-server/src/NodeCompression.ts"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { int32At } from "./ResponseStream.ts"
import { requestFrame } from "./Wire.ts"

/** Version that all systems of the comparison serve. */
const produceVersion = 11
/** Tag bytes after the records: of the partition, the topic and the request. */
const endTagBytes = 3
/** Position of the correlation id in a frame. */
const correlationIdAt = 8

export interface BatchShape {
  readonly recordBytes: number
  readonly recordsPerBatch: number
  readonly codec?: CodecName
}

const words = ["order", "customer", "paid", "amount", "2026", "euro", "basket", "item", "shipped", "id", "true", "null"]

/** Text of words and numbers, which a codec shrinks to about a third. */
const textValue = (sizeBytes: number, seed: number): Uint8Array => {
  let state = seed * 2654435761 >>> 0 || 1
  let text = ""
  while (text.length < sizeBytes) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    text += `"${words[(state >>> 8) % words.length]}":${state >>> 12},`
  }
  return Buffer.from(text).subarray(0, sizeBytes)
}

/** One batch of the shape, as a producer without idempotence sends it. */
export const makeBatch = (shape: BatchShape): Uint8Array => {
  const timestamp = Date.now()
  const records: Array<NewRecord> = Array.from({ length: shape.recordsPerBatch }, (_, index) => ({
    timestamp,
    value: textValue(shape.recordBytes, index + 1)
  }))
  const codec = shape.codec ?? "none"
  return buildBatch(records, codec === "none" ? {} : { compression: { codec, codecs } })
}

/** A Produce frame with one batch for one partition, of which only correlation id and partition differ. */
export class ProduceTemplate {
  readonly batchBytes: number
  /** Position of the partition's error code in an answer after its size prefix. */
  readonly errorCodeAt: number
  private readonly head: Buffer
  private readonly body: Buffer
  private readonly partitionAt: number

  constructor(topic: string, batch: Uint8Array, acks: 1 | -1) {
    const frame = requestFrame(Produce, produceVersion, {
      acks,
      timeoutMs: 30_000,
      topicData: [{
        name: topic,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as Uuid,
        partitionData: [{ index: 0, records: batch }]
      }]
    })
    this.batchBytes = batch.length
    const bodyAt = frame.length - endTagBytes - batch.length
    this.head = Buffer.from(frame.subarray(0, bodyAt))
    this.body = Buffer.from(frame.subarray(bodyAt))
    const lengthBytes = Math.ceil((32 - Math.clz32(batch.length + 1)) / 7)
    this.partitionAt = bodyAt - lengthBytes - 4
    // Correlation id, tags, topic count, name, partition count, index.
    this.errorCodeAt = 4 + 1 + 1 + 1 + Buffer.byteLength(topic) + 1 + 4
  }

  get frameBytes(): number {
    return this.head.length + this.body.length
  }

  /** Writes the whole frame at `at` of `target`. */
  copyTo(target: Buffer, at: number, correlationId: number, partition: number): void {
    this.head.copy(target, at)
    this.body.copy(target, at + this.head.length)
    target.writeInt32BE(correlationId, at + correlationIdAt)
    target.writeInt32BE(partition, at + this.partitionAt)
  }

  /** The frame as a small part of its own and a large shared one. */
  parts(correlationId: number, partition: number): readonly [Buffer, Buffer] {
    const head = Buffer.from(this.head)
    head.writeInt32BE(correlationId, correlationIdAt)
    head.writeInt32BE(partition, this.partitionAt)
    return [head, this.body]
  }

  /** Throws unless the answer is the expected one and without an error. */
  check(bytes: Uint8Array, at: number, correlationId: number): void {
    if (int32At(bytes, at) !== correlationId) throw new Error("a Produce answer came out of order")
    const error = (bytes[at + this.errorCodeAt]! << 8) | bytes[at + this.errorCodeAt + 1]!
    if (error !== 0) throw new Error(`Produce was answered with error ${error}`)
  }
}
