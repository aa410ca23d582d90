import { assert, describe, it } from "@effect/vitest"
import type { AppendSettings, BatchCheck } from "../../../src/actors/partition-leader/BatchCheck.ts"
import { validateBatch } from "../../../src/actors/partition-leader/validateBatch.ts"
import { codecNames } from "../../../src/protocol/records/Compression.ts"
import { blockDecoders } from "../../../src/protocol/records/compression/BlockDecoders.ts"
import { decodeRecords } from "../../../src/protocol/records/Record.ts"
import { buildBatch } from "../../../src/protocol/records/RecordBatchBuilder.ts"
import { hostCodecs } from "../../protocol/records/hostCodecs.ts"

const checkWith = (compression: AppendSettings["compression"]): BatchCheck => ({
  topicPartition: { topic: "t", partition: 0 },
  settings: {
    maxMessageBytes: 1_048_588,
    segmentBytes: 1_073_741_824,
    isCompacted: false,
    timestampType: "CreateTime",
    timestampBeforeMaxMs: 2 ** 63,
    timestampAfterMaxMs: 3_600_000,
    compression
  },
  codecs: hostCodecs,
  decompressedBytesMax: 1_000_000,
  nowMs: 1_700_000_000_000
})

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const valuesOf = (batch: Uint8Array): ReadonlyArray<string> =>
  decodeRecords(batch, 0, { codecs: hostCodecs, maxOutputBytes: 1_000_000 }).map(({ headers, key, value }) =>
    [key, value, headers[0]?.value].map((bytes) => decoder.decode(bytes ?? undefined)).join()
  )

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
          const batch = buildBatch(records, { compression: { codec, codecs: hostCodecs } })
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
