import type { ByteConnection } from "@kafka-broker/core/seams"
import { Fetch } from "../../../core/src/protocol/apis/Fetch.ts"
import { Metadata } from "../../../core/src/protocol/apis/Metadata.ts"
import { Produce } from "../../../core/src/protocol/apis/Produce.ts"
import { encodeRequest } from "../../../core/src/protocol/Frame.ts"
import { decodeRecords } from "../../../core/src/protocol/records/Record.ts"
import { buildBatch } from "../../../core/src/protocol/records/RecordBatchBuilder.ts"
import type { CompressionCodecs } from "../../../core/src/protocol/records/Compression.ts"
import type { AnyApi, RequestInputOf, ResponseOf } from "../../../core/src/protocol/schema/defineApi.ts"
import { Uuid } from "../../../core/src/model/Uuid.ts"
import type { Expected } from "./expectations.ts"
import { FuzzConnection } from "./FuzzConnection.ts"

/** The topic that only the bystander uses. */
export const bystanderTopic = "bystander"

const produceVersion = 11
const fetchVersion = 12
const metadataVersion = 12

/** A good client beside the hostile ones: produces, reads back and looks around, and must be served right every time. */
export class Bystander {
  readonly connection: FuzzConnection
  private readonly codecs: CompressionCodecs
  private step = 0
  /** Records in the topic. */
  private written = 0

  constructor(bytes: ByteConnection, codecs: CompressionCodecs) {
    this.codecs = codecs
    this.connection = new FuzzConnection(bytes, (body, { api }) => this.check(body, api))
  }

  /** The topic was made anew. */
  restart(): void {
    this.written = 0
    this.step = 0
  }

  /** Sends the next request; the connection tells when it was answered, and whether rightly. */
  next(): void {
    switch (this.step++ % 3) {
      case 0: {
        const value = new TextEncoder().encode(`value ${this.written}`)
        return this.request(Produce, produceVersion, {
          transactionalId: null,
          acks: -1,
          timeoutMs: 1_000,
          topicData: [{
            name: bystanderTopic,
            topicId: Uuid.zero,
            partitionData: [{ index: 0, records: buildBatch([{ value, timestamp: 1_700_000_000_000 }]) }]
          }]
        })
      }
      case 1:
        return this.request(Fetch, fetchVersion, {
          maxWaitMs: 0,
          minBytes: 1,
          maxBytes: 1 << 20,
          isolationLevel: 0,
          topics: [{
            topic: bystanderTopic,
            topicId: Uuid.zero,
            partitions: [{ partition: 0, fetchOffset: this.written - 1, partitionMaxBytes: 1 << 20 }]
          }],
          forgottenTopicsData: []
        })
      default:
        return this.request(Metadata, metadataVersion, {
          topics: [{ name: bystanderTopic, topicId: Uuid.zero }],
          includeClusterAuthorizedOperations: false,
          includeTopicAuthorizedOperations: false
        })
    }
  }

  private request<A extends AnyApi>(api: A, version: number, body: RequestInputOf<A>): void {
    const expected: Expected = { api, version, correlationId: this.step, isSilent: false, mayWait: false }
    const chunks = encodeRequest(api, version, { correlationId: this.step, clientId: "bystander" }, body)
    this.connection.send(chunks.map((chunk) => chunk.slice()), { answers: [expected], end: "Open" })
  }

  private check(body: unknown, api: AnyApi): void {
    switch (api.name) {
      case "Produce": {
        const [partition] = (body as ResponseOf<typeof Produce>).responses[0]!.partitionResponses
        if (partition!.errorCode !== 0 || partition!.baseOffset !== this.written) {
          throw new Error(`produce answered ${partition!.errorCode} at ${partition!.baseOffset}, not ${this.written}`)
        }
        this.written++
        return
      }
      case "Fetch": {
        const { errorCode, records } = (body as ResponseOf<typeof Fetch>).responses[0]!.partitions[0]!
        const options = { codecs: this.codecs, maxOutputBytes: 1 << 20 }
        const [record] = errorCode === 0 && records !== null ? [...decodeRecords(records, 0, options)] : []
        const value = record?.value && new TextDecoder().decode(record.value)
        if (value !== `value ${this.written - 1}`) throw new Error(`fetch answered ${errorCode}, ${String(value)}`)
        return
      }
      default: {
        const [topic] = (body as ResponseOf<typeof Metadata>).topics
        if (topic!.errorCode !== 0 || topic!.partitions.length !== 1) throw new Error("metadata lost the topic")
      }
    }
  }
}
