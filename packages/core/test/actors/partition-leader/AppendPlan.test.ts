import { assert, describe, it } from "@effect/vitest"
import {
  type AppendDecision,
  type AppendEntry,
  type AppendPlan,
  cutWrite,
  decideBatch,
  type WriteGroup
} from "../../../src/actors/partition-leader/AppendPlan.ts"
import { rejected } from "../../../src/actors/partition-leader/AppendResult.ts"
import type { AppendSettings, BatchCheck } from "../../../src/actors/partition-leader/BatchCheck.ts"
import type { AppendOrigin } from "../../../src/actors/partition-leader/PartitionLeader.ts"
import { ProducersAhead, ProducerStates } from "../../../src/log/ProducerStates.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { buildEndTransactionMarker } from "../../../src/protocol/records/ControlRecord.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import type { tooLargeForTurn } from "../../../src/actors/partition-leader/validateBatch.ts"
import { batchOf, testCodecs } from "./testLeaders.ts"

const nowMs = 1_700_000_000_000

const settings: AppendSettings = {
  maxMessageBytes: 1_048_588,
  segmentBytes: 1_073_741_824,
  isCompacted: false,
  timestampType: "CreateTime",
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
  compression: "producer"
}

const checkWith = (overrides: Partial<AppendSettings> = {}, check: Partial<BatchCheck> = {}): BatchCheck => ({
  topicPartition: { topic: "t", partition: 0 },
  settings: { ...settings, ...overrides },
  codecs: testCodecs,
  decompressedAtOnceBytesMax: 1_000_000,
  decompressedBytesMax: 1_000_000,
  turn: { isSpent: false, spend: () => undefined },
  nowMs,
  ...check
})

const planWith = (
  options: {
    readonly settings?: Partial<AppendSettings>
    readonly check?: Partial<BatchCheck>
    readonly logEndOffset?: number
  } = {}
): AppendPlan => ({
  check: checkWith(options.settings, options.check),
  leaderEpoch: 3,
  isUnderMinIsr: false,
  producers: new ProducersAhead(new ProducerStates()),
  nextOffset: options.logEndOffset ?? 0
})

const decideOne = (
  batch: Uint8Array,
  options: Parameters<typeof planWith>[0] & { readonly origin?: AppendOrigin } = {}
): AppendDecision | typeof tooLargeForTurn => decideBatch(planWith(options), batch, options.origin ?? "Client")

const codeOf = (decision: AppendDecision | typeof tooLargeForTurn): number =>
  decision._tag === "Reject" ? decision.errorCode : ErrorCode.NONE

const at = (values: ReadonlyArray<number>) =>
  buildBatch(values.map((timestamp) => ({ key: null, value: null, timestamp })))

/** Changes bytes under the checksum and mends it. */
const tampered = (batch: Uint8Array, change: (view: DataView, bytes: Uint8Array) => void): Uint8Array => {
  change(new DataView(batch.buffer, batch.byteOffset), batch)
  RecordBatch.updateCrc(batch, 0)
  return batch
}

describe("AppendPlan: bytes", () => {
  it("a sound batch is stored as it came, stamped with offset and epoch", () => {
    const batch = batchOf(["a", "b"])
    const decision = decideOne(batch, { logEndOffset: 41 })
    assert.deepStrictEqual(decision, {
      _tag: "Append",
      bytes: batch,
      baseOffset: 41,
      lastOffset: 42,
      logAppendTimeMs: -1
    })
    assert.strictEqual(RecordBatch.baseOffset(batch, 0), 41)
    assert.strictEqual(RecordBatch.partitionLeaderEpoch(batch, 0), 3)
    assert.isTrue(RecordBatch.isCrcValid(batch, 0))
  })

  it("offsets go on from batch to batch of one plan, over refused ones", () => {
    const plan = planWith({ logEndOffset: 10 })
    const first = decideBatch(plan, batchOf(["a", "b", "c"]), "Client")
    const refused = decideBatch(plan, batchOf(["x"], { isControl: true }), "Client")
    const second = decideBatch(plan, batchOf(["d"]), "Client")
    assert.strictEqual(first._tag === "Append" && first.baseOffset, 10)
    assert.strictEqual(codeOf(refused), ErrorCode.INVALID_RECORD)
    assert.strictEqual(second._tag === "Append" && second.baseOffset, 13)
  })

  it.each<[string, number, boolean, () => Uint8Array, Partial<AppendSettings>?]>([
    ["base offset other than 0", 87, true, () => batchOf(["a"], { baseOffset: 5 })],
    ["batch above max.message.bytes", 10, false, () => batchOf(["a"]), { maxMessageBytes: 68 }],
    ["wrong checksum", 2, false, () => {
      const batch = batchOf(["a"])
      batch[batch.length - 1] = batch[batch.length - 1]! ^ 1
      return batch
    }],
    ["batch shorter than its header", 2, false, () => batchOf(["a"]).subarray(0, 60)],
    ["negative last offset delta", 87, true, () => tampered(batchOf(["a"]), (view) => view.setInt32(23, -1))],
    ["no records", 87, true, () => tampered(batchOf(["a"]), (view) => view.setInt32(57, 0))],
    ["count and offsets that disagree", 87, true, () => tampered(batchOf(["a"]), (view) => view.setInt32(23, 1))],
    ["control batch of a client", 87, true, () => batchOf(["a"], { isControl: true })],
    ["producer id without a sequence", 87, true, () => batchOf(["a"], { producerId: 1, producerEpoch: 0 })],
    ["more records declared than there are", 87, true, () =>
      tampered(batchOf(["a"]), (view) => {
        view.setInt32(23, 1)
        view.setInt32(57, 2)
      })],
    ["fewer records declared than there are", 87, true, () =>
      tampered(batchOf(["a", "b"]), (view) => {
        view.setInt32(23, 0)
        view.setInt32(57, 1)
      })],
    [
      "record length beyond the batch",
      87,
      true,
      () => tampered(batchOf(["a"]), (_, bytes) => bytes.fill(0x7e, 61, 62))
    ],
    ["a gzip stream that does not decompress", 87, true, () =>
      tampered(batchOf(["a"]), (_, bytes) => {
        bytes[22] = 1
        bytes.set([0x1f, 0x8b], 61)
      })],
    ["batch above segment.bytes", 18, false, () => batchOf(["a"]), { segmentBytes: 68 }]
  ])("refuses: %s", (_, errorCode, showsLogStart, batch, overrides) => {
    assert.deepStrictEqual(decideOne(batch(), { settings: overrides ?? {} }), {
      _tag: "Reject",
      errorCode: errorCode as ErrorCode,
      errorMessage: null,
      recordErrors: [],
      showsLogStart
    })
  })

  it.each([
    ["an unassigned codec", 7, "Unknown compression type id: 7"],
    ["records that do not decompress", 3, "The records cannot be decompressed as lz4."]
  ])("refuses with a message where Kafka answers -1: %s", (_, codecId, errorMessage) => {
    assert.deepStrictEqual(decideOne(tampered(batchOf(["a"]), (_view, bytes) => bytes.fill(codecId, 22, 23))), {
      _tag: "Reject",
      errorCode: ErrorCode.INVALID_RECORD,
      errorMessage,
      recordErrors: [],
      showsLogStart: true
    })
  })

  it("a batch that decompresses to more than is done at once is not judged", () => {
    const batch = batchOf(["a".repeat(10_000)], { compression: { codec: "lz4", codecs: testCodecs } })
    const spent: Array<number> = []
    const turn = { isSpent: false, spend: (bytes: number) => void spent.push(bytes) }
    assert.strictEqual(
      decideOne(batch, { check: { decompressedAtOnceBytesMax: 5_000, turn } })._tag,
      "TooLargeForTurn"
    )
    assert.deepStrictEqual(spent, [batch.length, 5_000])
  })

  it("the size limit counts before the checksum, the base offset before the size", () => {
    const broken = batchOf(["a"])
    broken[20] = broken[20]! ^ 1
    assert.strictEqual(codeOf(decideOne(broken.slice(), { settings: { maxMessageBytes: 10 } })), 10)
    RecordBatch.setBaseOffset(broken, 0, 1)
    assert.strictEqual(codeOf(decideOne(broken, { settings: { maxMessageBytes: 10 } })), 87)
  })

  it("a coordinator may write control batches, at any base offset", () => {
    const marker = buildEndTransactionMarker({
      type: "Commit",
      coordinatorEpoch: 0,
      producerId: 1,
      producerEpoch: 0,
      timestamp: nowMs,
      baseOffset: 9
    })
    const decision = decideOne(marker, { origin: "Coordinator", logEndOffset: 4 })
    assert.strictEqual(decision._tag === "Append" && decision.baseOffset, 4)
  })
})

describe("AppendPlan: records", () => {
  it("null keys on a compacted topic are named, up to three in the message", () => {
    const decision = decideOne(batchOf(["a", "b", "c", "d"]), { settings: { isCompacted: true } })
    const message = "Compacted topic cannot accept message without key in topic partition t-0"
    const shown = [0, 1, 2].map((i) => `RecordError(batchIndex=${i}, message='${message}')`).join(", ")
    assert.deepStrictEqual(decision, {
      _tag: "Reject",
      errorCode: ErrorCode.INVALID_RECORD,
      errorMessage: "One or more records have been rejected due to 4 record errors in total, " +
        `and only showing the first three errors at most: [${shown}]`,
      recordErrors: [0, 1, 2, 3].map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: message })),
      showsLogStart: true
    })
  })

  it("timestamps out of range are named with the range", () => {
    const decision = decideOne(at([nowMs, nowMs + 3_600_001, -1]), { settings: { timestampBeforeMaxMs: 1000 } })
    assert.deepStrictEqual(decision, {
      _tag: "Reject",
      errorCode: ErrorCode.INVALID_TIMESTAMP,
      errorMessage: "One or more records have been rejected due to invalid timestamp",
      recordErrors: [{
        batchIndex: 1,
        batchIndexErrorMessage: `Timestamp ${nowMs + 3_600_001} of message with offset 1 is out of range. The ` +
          `timestamp should be within [${nowMs - 1000}, ${nowMs + 3_600_000}]`
      }],
      showsLogStart: true
    })
  })

  it.each<[string, number, ReadonlyArray<number>, Partial<AppendSettings>]>([
    ["just within the future limit", 0, [nowMs + 3_600_000], {}],
    ["just beyond the future limit", 32, [nowMs + 3_600_001], {}],
    ["just within the past limit", 0, [nowMs - 1000], { timestampBeforeMaxMs: 1000 }],
    ["just beyond the past limit", 32, [nowMs, nowMs - 1001], { timestampBeforeMaxMs: 1000 }],
    ["no timestamp at all", 0, [-1], { timestampBeforeMaxMs: 0, timestampAfterMaxMs: 0 }],
    ["any timestamp where the broker sets it", 0, [0], { timestampType: "LogAppendTime", timestampBeforeMaxMs: 0 }]
  ])("timestamps: %s", (_, code, timestamps, overrides) => {
    assert.strictEqual(codeOf(decideOne(at(timestamps), { settings: overrides })), code)
  })

  it("one bad timestamp among null keys makes the code 32", () => {
    const batch = buildBatch([{ key: null, timestamp: nowMs }, { key: new Uint8Array(1), timestamp: nowMs * 2 }])
    const decision = decideOne(batch, { settings: { isCompacted: true } })
    assert.strictEqual(codeOf(decision), ErrorCode.INVALID_TIMESTAMP)
    assert.strictEqual(decision._tag === "Reject" ? decision.recordErrors.length : 0, 2)
  })

  it("append time is set by the broker, and told", () => {
    const batch = batchOf(["a"])
    const decision = decideOne(batch, { settings: { timestampType: "LogAppendTime" } })
    assert.strictEqual(decision._tag === "Append" && decision.logAppendTimeMs, nowMs)
    assert.strictEqual(RecordBatch.timestampType(batch, 0), "LogAppendTime")
    assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), nowMs)
    assert.isTrue(RecordBatch.isCrcValid(batch, 0))
  })

  it("a client may claim append time only where timestamps are the producer's", () => {
    const stamped = () => batchOf(["a"], { logAppendTimeMs: nowMs })
    const refused = decideOne(stamped(), { settings: { timestampType: "LogAppendTime" } })
    assert.strictEqual(codeOf(refused), ErrorCode.INVALID_TIMESTAMP)
    const batch = stamped()
    assert.strictEqual(codeOf(decideOne(batch)), ErrorCode.NONE)
    assert.strictEqual(RecordBatch.timestampType(batch, 0), "CreateTime")
    assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), nowMs)
  })

  it("a wrong largest timestamp is corrected", () => {
    const batch = at([5, 9, 7])
    tampered(batch, (view) => view.setBigInt64(35, 3n))
    assert.strictEqual(codeOf(decideOne(batch)), ErrorCode.NONE)
    assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), 9)
    assert.isTrue(RecordBatch.isCrcValid(batch, 0))
  })

  it("another codec than the topic's is replaced, keys, values and producer kept", () => {
    const batch = batchOf(["a".repeat(1000), "b"], { producerId: 4, producerEpoch: 2, baseSequence: 0 })
    const decision = decideOne(batch, { settings: { compression: "snappy" }, logEndOffset: 7 })
    assert.strictEqual(decision._tag, "Append")
    if (decision._tag !== "Append") return
    assert.strictEqual(RecordBatch.codecId(decision.bytes, 0), 2)
    assert.strictEqual(RecordBatch.producerId(decision.bytes, 0), 4)
    assert.strictEqual(RecordBatch.producerEpoch(decision.bytes, 0), 2)
    assert.isBelow(decision.bytes.length, batch.length)
    assert.deepStrictEqual(
      decodeRecords(decision.bytes, 0, { codecs: testCodecs, maxOutputBytes: 10_000 })
        .map((record) => [record.offset, new TextDecoder().decode(record.value!)]),
      [[7, "a".repeat(1000)], [8, "b"]]
    )
  })

  it("a compressed batch whose offsets have gaps is refused, or rebuilt without in another codec", () => {
    const compression = { codec: "lz4", codecs: testCodecs } as const
    const gaps = () =>
      tampered(
        buildBatch([{ offset: 0, timestamp: 1 }, { offset: 5, timestamp: 2 }], { compression }),
        (view) => view.setInt32(23, 1)
      )
    assert.strictEqual(codeOf(decideOne(gaps())), ErrorCode.INVALID_RECORD)
    const decision = decideOne(gaps(), { settings: { compression: "snappy" } })
    assert.strictEqual(decision._tag, "Append")
    if (decision._tag !== "Append") return
    const records = decodeRecords(decision.bytes, 0, { codecs: testCodecs, maxOutputBytes: 10_000 })
    assert.deepStrictEqual(records.map((record) => record.offset), [0, 1])
  })

  it("a batch that grows by the topic's codec is measured again", () => {
    const batch = batchOf(["a".repeat(2000)], { compression: { codec: "lz4", codecs: testCodecs } })
    const decision = decideOne(batch, { settings: { compression: "none", maxMessageBytes: 1000 } })
    assert.strictEqual(codeOf(decision), ErrorCode.MESSAGE_TOO_LARGE)
  })
})

const appendAt = (offset: number): AppendDecision => ({
  _tag: "Append",
  bytes: new Uint8Array(10 + offset),
  baseOffset: offset,
  lastOffset: offset,
  logAppendTimeMs: -1
})

const entry = (acks: number): AppendEntry => ({
  _tag: "Append",
  batch: new Uint8Array(0),
  options: { acks, timeoutMs: 0, origin: "Client" },
  complete: () => {}
})

describe("cutWrite", () => {
  it("keeps what is in the log and what was refused anyway, and rejects the rest with 56", () => {
    const refused = rejected(ErrorCode.CORRUPT_MESSAGE)
    const decisions = [appendAt(5), refused, appendAt(6), appendAt(7)]
    const group: WriteGroup = {
      _tag: "Write",
      appends: [entry(1), entry(-1), entry(-1), entry(-1)],
      decisions,
      chunks: decisions.flatMap((decision) => decision._tag === "Append" ? [decision.bytes] : []),
      addedBytes: 48,
      startOffset: 5,
      acksAllFromOffset: 6,
      acksAllEndOffset: 8,
      isCutAtLarge: false
    }
    const cut = cutWrite(group, 7)
    assert.deepStrictEqual(cut.decisions.slice(0, 3), decisions.slice(0, 3))
    assert.deepInclude(cut.decisions[3], { _tag: "Reject", errorCode: ErrorCode.KAFKA_STORAGE_ERROR })
    assert.deepStrictEqual([cut.chunks.length, cut.addedBytes], [2, 31])
    assert.deepStrictEqual([cut.acksAllFromOffset, cut.acksAllEndOffset], [6, 7])
    const nothing = cutWrite(group, 5)
    assert.deepStrictEqual(nothing.chunks, [])
    assert.deepStrictEqual([nothing.acksAllFromOffset, nothing.acksAllEndOffset], [-1, -1])
  })
})
