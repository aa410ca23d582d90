import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { AppendSettings, BatchCheck } from "../../../src/actors/partition-leader/BatchCheck.ts"
import { PartitionLeaderLimits } from "../../../src/actors/partition-leader/PartitionLeaderLimits.ts"
import { type Judged, validateBatch, validateInSlices } from "../../../src/actors/partition-leader/validateBatch.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { codecIdOf, codecNames, decompressPayload } from "../../../src/protocol/records/Compression.ts"
import { blockDecoders } from "../../../src/protocol/records/compression/BlockDecoders.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import * as RecordBatch from "../../../src/protocol/records/RecordBatch.ts"
import { buildBatch, type NewRecord } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { crc32c } from "../../../src/protocol/wire/Crc32c.ts"
import { hostCodecs } from "../../protocol/records/hostCodecs.ts"

const MIB = 1024 * 1024

const checkWith = (
  compression: AppendSettings["compression"],
  settings: Partial<AppendSettings> = {},
  decompressedAtOnceBytesMax = 256 * MIB
): BatchCheck => ({
  topicPartition: { topic: "t", partition: 0 },
  settings: {
    maxMessageBytes: 1_048_588,
    segmentBytes: 1_073_741_824,
    isCompacted: false,
    timestampType: "CreateTime",
    timestampBeforeMaxMs: 2 ** 63,
    timestampAfterMaxMs: 3_600_000,
    compression,
    ...settings
  },
  codecs: hostCodecs,
  decompressedAtOnceBytesMax,
  decompressedBytesMax: 128 * MIB,
  turn: { isSpent: false, spend: () => undefined },
  nowMs: 1_700_000_000_000
})

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const valuesOf = (batch: Uint8Array): ReadonlyArray<string> =>
  decodeRecords(batch, 0, { codecs: hostCodecs, maxOutputBytes: 1_000_000 }).map(({ headers, key, value }) =>
    [key, value, headers[0]?.value].map((bytes) => decoder.decode(bytes ?? undefined)).join()
  )

const compressed = (codec: typeof codecNames[number], records: Iterable<NewRecord>): Uint8Array =>
  buildBatch(records, { compression: { codec, codecs: hostCodecs } })

/** A batch of one codec whose header speaks of other records than the payload has. */
const ofPayload = (codec: "gzip" | "snappy" | "lz4" | "zstd", payload: Uint8Array, recordCount = 1): Uint8Array => {
  const records = hostCodecs[codec].compress(payload)
  const batch = new Uint8Array(RecordBatch.RECORD_BATCH_OVERHEAD + records.length)
  batch.set(records, RecordBatch.RECORD_BATCH_OVERHEAD)
  RecordBatch.writeHeader(batch, 0, {
    baseOffset: 0,
    sizeBytes: batch.length,
    partitionLeaderEpoch: -1,
    attributes: codecIdOf(codec),
    lastOffsetDelta: recordCount - 1,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount
  })
  return batch
}

interface Sliced {
  readonly judged: Judged
  /** Bytes decompressed before each pause, and after the last. */
  readonly slices: ReadonlyArray<number>
}

const inSlices = (batch: Uint8Array, check: BatchCheck): Sliced => {
  const slices: Array<number> = []
  let bytes = 0
  const steps = validateInSlices(batch, "Client", check, (more) => {
    bytes += more
  })
  while (true) {
    const step = steps.next()
    slices.push(bytes)
    bytes = 0
    if (step.done === true) return { judged: step.value, slices }
  }
}

const largest = (numbers: ReadonlyArray<number>): number => numbers.reduce((most, one) => Math.max(most, one), 0)
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, one) => total + one, 0)

describe("validateBatch", () => {
  it("keeps nothing of the memory in which it reads compressed records, in whatever codec they are stored", () => {
    const poison = () => blockDecoders()?.memory.fill(0x5a)
    for (const codec of ["snappy", "lz4"] as const) {
      for (const compression of ["producer", ...codecNames] as const) {
        const stored: Array<Uint8Array> = []
        const expected: Array<ReadonlyArray<string>> = []
        for (const count of [40, 1, 7]) {
          const texts = Array.from({ length: count }, (_, index) => `${codec} ${count} ${index} `.repeat(9))
          const records = texts.map((text) => ({
            timestamp: 1,
            key: encoder.encode(text),
            value: encoder.encode(text.repeat(3)),
            headers: [{ key: "h", value: encoder.encode(text) }]
          }))
          poison()
          const batch = compressed(codec, records)
          stored.push(validateBatch(batch, "Client", checkWith(compression)) as Uint8Array)
          expected.push(texts.map((text) => [text, text.repeat(3), text].join()))
        }
        poison()
        assert.deepStrictEqual(stored.map(valuesOf), expected, `${codec} to ${compression}`)
        for (const batch of stored) assert.notStrictEqual(batch.buffer, blockDecoders()?.memory.buffer)
      }
    }
  })
})

const integer = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const oneOf = <A extends string>(values: ReadonlyArray<A>) => Arbitrary.schema(Schema.Literals(values))

const checksum = (bytes: Uint8Array) => [bytes.length, crc32c(bytes, 0, bytes.length)]

/** What was stored, with the checksum of the records decompressed: encoders may write the same bytes differently. */
const comparable = (judged: ReturnType<typeof validateBatch>) =>
  judged instanceof Uint8Array
    ? {
      header: [
        RecordBatch.attributes(judged, 0),
        RecordBatch.lastOffsetDelta(judged, 0),
        RecordBatch.baseTimestamp(judged, 0),
        RecordBatch.maxTimestamp(judged, 0),
        RecordBatch.producerId(judged, 0),
        RecordBatch.recordCount(judged, 0),
        RecordBatch.isCrcValid(judged, 0)
      ],
      records: checksum(decompressPayload(hostCodecs, judged, 0, 256 * MIB))
    }
    : judged

describe("validateInSlices", () => {
  it.prop(
    "judges every batch as it is judged at once: whatever its codec, the topic's, its records and the damage",
    {
      codec: oneOf(["gzip", "snappy", "lz4", "zstd"]),
      compression: oneOf(["producer", ...codecNames]),
      count: integer(1, 150),
      valueBytes: integer(0, 3000),
      kind: oneOf(["sound", "sound", "sound", "record", "count", "stamped", "future", "compacted", "logAppendTime"]),
      seed: integer(1, 0x7fffffff)
    },
    ({ codec, compression, count, kind, seed, valueBytes }) => {
      const records = Array.from({ length: count }, (_, index) => ({
        timestamp: 1_699_999_000_000 + ((seed * index) % 977),
        key: index % 3 === 0 ? null : encoder.encode(`key ${seed % (index + 1)}`),
        value: index % 5 === 4 ? null : new Uint8Array((valueBytes * ((index % 7) + 1)) % 9001).fill(index ^ seed),
        headers: index % 4 === 0 ? [{ key: "h", value: new Uint8Array(index) }, { key: "", value: null }] : []
      }))
      const plain = buildBatch(records)
      const payload = RecordBatch.payload(plain, 0).slice()
      if (kind === "record") payload[seed % payload.length]! ^= 1 << (seed % 8)
      const make = (): Uint8Array => {
        const batch = ofPayload(codec, payload, kind === "count" ? count + (seed % 2 === 0 ? 1 : -1) || 2 : count)
        if (kind === "stamped") batch[22]! |= RecordBatch.TIMESTAMP_TYPE_MASK
        if (kind === "future") new DataView(batch.buffer).setBigInt64(27, 1_800_000_000_000n)
        RecordBatch.updateCrc(batch, 0)
        return batch
      }
      const check = checkWith(compression, {
        maxMessageBytes: 400_000,
        ...(kind === "compacted" ? { isCompacted: true } : {}),
        ...(kind === "logAppendTime" ? { timestampType: "LogAppendTime" as const } : {})
      })
      const atOnce = comparable(validateBatch(make(), "Client", check))
      if ("errorCode" in atOnce && atOnce.errorCode === ErrorCode.MESSAGE_TOO_LARGE) return
      assert.deepStrictEqual(comparable(inSlices(make(), check).judged), atOnce)
    },
    { arbitrary: { runs: 60 } }
  )

  it("forty million zeros for a record's bytes are read in slices, and none of them is kept", () => {
    const record = { key: null, value: new Uint8Array(40 * MIB), timestamp: 1 }
    for (const codec of ["snappy", "lz4"] as const) {
      const batch = compressed(codec, [record])
      const check = checkWith(
        "producer",
        { maxMessageBytes: 16 * MIB },
        PartitionLeaderLimits.decompressedAtOnceBytesMax
      )
      assert.deepInclude(validateBatch(batch, "Client", check), { _tag: "TooLargeForTurn" })
      const { judged, slices } = inSlices(batch, check)
      assert.strictEqual(judged, batch, codec)
      assert.isAtMost(largest(slices), 2 * PartitionLeaderLimits.sliceBytes, codec)
      assert.isAbove(sum(slices), 40 * MIB, codec)
    }
  })

  it("is refused at the first malformed record, of which no more than a slice was decompressed", () => {
    for (const codec of ["snappy", "lz4"] as const) {
      // A record of no bytes is none; forty million zeros declare that many of them.
      for (const payload of [new Uint8Array(40 * MIB), new Uint8Array(40 * MIB).fill(0xff)]) {
        const { judged, slices } = inSlices(
          ofPayload(codec, payload),
          checkWith("producer", { maxMessageBytes: 16 * MIB })
        )
        assert.deepInclude(judged, { errorCode: ErrorCode.INVALID_RECORD })
        assert.isAtMost(sum(slices), PartitionLeaderLimits.sliceBytes, codec)
      }
    }
  })

  it("ends at the bound of a batch, whatever is behind it", () => {
    const batch = ofPayload(
      "lz4",
      buildBatch([{ key: null, value: new Uint8Array(9 * MIB), timestamp: 1 }]).subarray(61)
    )
    const check = { ...checkWith("producer"), decompressedBytesMax: 4 * MIB }
    const { judged, slices } = inSlices(batch, check)
    assert.deepInclude(judged, { errorCode: ErrorCode.MESSAGE_TOO_LARGE })
    assert.isAtMost(sum(slices), 4 * MIB + PartitionLeaderLimits.sliceBytes)
  })

  it("a topic of another codec takes slices too, and its max.message.bytes ends the work", () => {
    const batch = compressed("lz4", [{ key: null, value: new Uint8Array(20 * MIB), timestamp: 7 }])
    const recoded = inSlices(batch, checkWith("snappy", { maxMessageBytes: 16 * MIB }))
    assert.instanceOf(recoded.judged, Uint8Array)
    const stored = recoded.judged as Uint8Array
    assert.strictEqual(RecordBatch.codecId(stored, 0), codecIdOf("snappy"))
    const [record] = decodeRecords(stored, 0, { codecs: hostCodecs, maxOutputBytes: 64 * MIB })
    assert.deepStrictEqual([record?.value?.length, record?.timestamp], [20 * MIB, 7])
    assert.isAbove(recoded.slices.length, 2 * 20 * 4)
    const plain = inSlices(batch, checkWith("none"))
    assert.deepInclude(plain.judged, { errorCode: ErrorCode.MESSAGE_TOO_LARGE })
    assert.isBelow(plain.slices.length, 20 * 4 + 20)
  })

  it("an abandoned judgement gives back its decompressor", () => {
    const closed: Array<string> = []
    const lz4 = {
      ...hostCodecs.lz4,
      decompressor: (bytes: Uint8Array) => {
        const { next } = hostCodecs.lz4.decompressor(bytes)
        return { next, close: () => void closed.push("lz4") }
      }
    }
    const check = { ...checkWith("producer"), codecs: { ...hostCodecs, lz4 } }
    const batch = compressed("lz4", [{ key: null, value: new Uint8Array(9 * MIB), timestamp: 1 }])
    const steps = validateInSlices(batch, "Client", check)
    steps.next()
    assert.deepStrictEqual(closed, [])
    steps.return(batch)
    assert.deepStrictEqual(closed, ["lz4"])
  })
})
