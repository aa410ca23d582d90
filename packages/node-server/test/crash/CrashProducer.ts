import { Uuid } from "../../../core/src/model/Uuid.ts"
import { InitProducerId } from "../../../core/src/protocol/apis/InitProducerId.ts"
import { Produce } from "../../../core/src/protocol/apis/Produce.ts"
import { buildBatch } from "../../../core/src/protocol/records/RecordBatchBuilder.ts"
import type { Prng } from "../../../testkit/test/fuzz/Prng.ts"
import * as NodeCompression from "../../src/NodeCompression.ts"
import type { PartitionHistory } from "./PartitionHistory.ts"
import type { SocketClient } from "./SocketClient.ts"

const produceVersion = 11
const initVersion = 4
const inFlightMax = 4

interface SentBatch {
  readonly values: ReadonlyArray<string>
  readonly bytes: Uint8Array
}

export interface CrashProducerOptions {
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly acks: 1 | -1
  readonly isIdempotent: boolean
  readonly codec: "none" | "gzip" | "snappy" | "lz4" | "zstd"
  readonly history: PartitionHistory
  readonly prng: Prng
}

/** Sends batches until its connection is gone. An idempotent one sends again, after that, what was not acknowledged. */
export class CrashProducer {
  private readonly options: CrashProducerOptions
  private counter = 0
  private sequence = 0
  private producerId = -1
  private producerEpoch = -1
  /** In the order in which they were sent; all unacknowledged. */
  private inDoubt: Array<SentBatch> = []

  constructor(options: CrashProducerOptions) {
    this.options = options
  }

  /** Completes when the connection is gone; rejects when the broker refuses what it must take. */
  async run(client: SocketClient, onAcknowledged: () => void): Promise<void> {
    const again = this.options.isIdempotent ? this.inDoubt : []
    this.inDoubt = []
    let refusal: Error | undefined
    const inFlight = new Set<Promise<void>>()
    const launch = (batch: SentBatch): void => {
      this.inDoubt.push(batch)
      const done = this.send(client, batch).then((isGone) => {
        inFlight.delete(done)
        if (!isGone) onAcknowledged()
        return isGone ? "gone" : undefined
      }).then((gone) => {
        if (gone !== undefined) isOver = true
      }, (error: Error) => {
        refusal = error
        isOver = true
      })
      inFlight.add(done)
    }
    let isOver = !(await this.init(client))
    for (const batch of again) launch(batch)
    while (!isOver) {
      if (inFlight.size < inFlightMax) launch(this.next())
      else await Promise.race(inFlight)
    }
    await Promise.all(inFlight)
    if (refusal !== undefined) throw refusal
  }

  private async init(client: SocketClient): Promise<boolean> {
    if (!this.options.isIdempotent || this.producerId >= 0) return true
    try {
      const answer = await client.request(InitProducerId, initVersion, {
        transactionalId: null,
        transactionTimeoutMs: 0
      })
      if (answer.errorCode !== 0) throw new Error(`InitProducerId answered ${answer.errorCode}`)
      this.producerId = answer.producerId
      this.producerEpoch = answer.producerEpoch
      return true
    } catch {
      return false
    }
  }

  private next(): SentBatch {
    const { codec, history, isIdempotent, name, prng } = this.options
    const count = prng.once(3) ? prng.between(1, 20) : 1
    const values = Array.from({ length: count }, () => `${name}:${this.counter++}:${"x".repeat(prng.below(3_000))}`)
    history.send(values)
    // Not older than producer.id.expiration.ms, as the timestamps of a producer's batches tell when it is to be forgotten.
    const timestamp = Date.now()
    const bytes = buildBatch(
      values.map((value) => ({ value: new TextEncoder().encode(value), timestamp })),
      {
        ...(codec === "none" ? {} : { compression: { codec, codecs: NodeCompression.codecs } }),
        ...(isIdempotent
          ? { producerId: this.producerId, producerEpoch: this.producerEpoch, baseSequence: this.sequence }
          : {})
      }
    )
    this.sequence += count
    return { values, bytes }
  }

  /** True when the connection went first. */
  private async send(client: SocketClient, batch: SentBatch): Promise<boolean> {
    const { acks, history, name, partition, topic } = this.options
    const answer = await client.request(Produce, produceVersion, {
      transactionalId: null,
      acks,
      timeoutMs: 10_000,
      topicData: [{ name: topic, topicId: Uuid.zero, partitionData: [{ index: partition, records: batch.bytes }] }]
    }).catch(() => undefined)
    if (answer === undefined) return true
    const { baseOffset, errorCode } = answer.responses[0]!.partitionResponses[0]!
    if (errorCode !== 0) throw new Error(`${name} was answered ${errorCode}`)
    history.acknowledge(baseOffset, batch.values)
    this.inDoubt = this.inDoubt.filter((one) => one !== batch)
    return false
  }
}
