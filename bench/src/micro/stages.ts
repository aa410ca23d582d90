import type { AppendSettings, BatchCheck } from "../../../packages/core/src/actors/partition-leader/BatchCheck.ts"
import { decideBatch } from "../../../packages/core/src/actors/partition-leader/AppendPlan.ts"
import { validateBatch } from "../../../packages/core/src/actors/partition-leader/validateBatch.ts"
import { ProducersAhead, ProducerStates } from "../../../packages/core/src/log/ProducerStates.ts"
import { Produce } from "../../../packages/core/src/protocol/apis/Produce.ts"
import * as Frame from "../../../packages/core/src/protocol/Frame.ts"
import { FrameSplitter } from "../../../packages/core/src/protocol/FrameSplitter.ts"
import { decompress } from "../../../packages/core/src/protocol/records/Compression.ts"
import { validateRecords } from "../../../packages/core/src/protocol/records/Record.ts"
import * as RecordBatch from "../../../packages/core/src/protocol/records/RecordBatch.ts"
import { ByteReader } from "../../../packages/core/src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../../packages/core/src/protocol/wire/ByteWriter.ts"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { codecs } from "../../../packages/node-server/src/NodeCompression.ts"
import { walkRecords } from "../floor/walkRecords.ts"
import { type BatchShape, makeBatch } from "../generator/ProduceTemplate.ts"
import { requestFrame } from "../generator/Wire.ts"
import type { Stage } from "./Stage.ts"

const version = 11
const noProducers = new ProducerStates()
const noTopicId = "AAAAAAAAAAAAAAAAAAAAAA" as Uuid

const settings: AppendSettings = {
  maxMessageBytes: 1_048_588,
  segmentBytes: 1_073_741_824,
  isCompacted: false,
  timestampType: "CreateTime",
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
  compression: "producer"
}

const decompressedBytesMax = 64 * 1024 * 1024

const checkAt = (nowMs: number): BatchCheck => ({
  topicPartition: { topic: "bench", partition: 7 },
  settings,
  codecs,
  decompressedAtOnceBytesMax: decompressedBytesMax,
  decompressedBytesMax,
  turn: { isSpent: false, spend: () => undefined },
  nowMs
})

/** The stages that a compressed batch goes through beside those of any batch. */
export const compressedStagesOf = (label: string, shape: BatchShape): ReadonlyArray<Stage> => {
  const batch = makeBatch(shape)
  const codecId = RecordBatch.codecId(batch, 0)
  const payload = RecordBatch.payload(batch, 0)
  const bytes = decompress(codecs, codecId, payload, decompressedBytesMax).length
  const check = checkAt(Date.now())
  const stage = (name: string, run: () => number): Stage => ({ name: `${label} ${name}`, run, bytes })
  return [
    stage("decompress, to be read", () => decompress(codecs, codecId, payload, decompressedBytesMax, "shared").length),
    stage("decompress, to be kept", () => decompress(codecs, codecId, payload, decompressedBytesMax).length),
    stage("validate batch", () => validateBatch(batch, "Client", check) instanceof Uint8Array ? 1 : 0)
  ]
}

/** The stages of a Produce with one batch of the shape, in the order in which the broker goes through them. */
export const stagesOf = (label: string, shape: BatchShape): ReadonlyArray<Stage> => {
  const batch = makeBatch(shape)
  const frame = requestFrame(Produce, version, {
    acks: 1,
    timeoutMs: 30_000,
    topicData: [{ name: "bench", topicId: noTopicId, partitionData: [{ index: 7, records: batch }] }]
  })
  const check = checkAt(Date.now())
  const payload = RecordBatch.payload(batch, 0)
  const writer = new ByteWriter()
  const splitter = new FrameSplitter(100 * 1024 * 1024, () => true)
  const stage = (name: string, run: () => number): Stage => ({ name: `${label} ${name}`, run, bytes: frame.length })
  return [
    stage("frame", () => {
      splitter.push(frame)
      return splitter.check() === "Complete" ? splitter.take().length : 0
    }),
    stage("decode header and request", () => {
      const reader = new ByteReader(frame.subarray(4))
      const header = Frame.decodeRequestHeader(reader)
      return header.correlationId + Produce.request.decode(reader, version).topicData.length
    }),
    stage("checksum", () => RecordBatch.isCrcValid(batch, 0) ? 1 : 0),
    stage("walk records", () => validateRecords(batch, 0, payload) instanceof Error ? 0 : 1),
    stage("walk records, by the floor", () => walkRecords(payload, shape.recordsPerBatch) ? 1 : 0),
    stage("validate batch", () => validateBatch(batch, "Client", check) instanceof Uint8Array ? 1 : 0),
    stage("decide append", () => {
      const producers = new ProducersAhead(noProducers)
      const plan = { check, leaderEpoch: 0, isUnderMinIsr: false, producers, nextOffset: 5 }
      const decision = decideBatch(plan, batch, "Client")
      RecordBatch.setBaseOffset(batch, 0, 0)
      return decision._tag === "Append" ? 1 : 0
    }),
    stage("encode response", () => {
      Frame.writeResponse(writer, Produce, version, 1, {
        responses: [{
          name: "bench",
          topicId: noTopicId,
          partitionResponses: [{ index: 7, errorCode: 0, baseOffset: 5, logStartOffset: 0, recordErrors: [] }]
        }]
      })
      return writer.finish().length
    })
  ]
}
