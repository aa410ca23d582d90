/** A2: a few thousand bytes that decompress to a hundred million. */
import { Produce } from "../../../../core/src/protocol/apis/Produce.ts"
import { codecIdOf, type CodecName } from "../../../../core/src/protocol/records/Compression.ts"
import * as RecordBatch from "../../../../core/src/protocol/records/RecordBatch.ts"
import { crc32 } from "../../../../core/src/protocol/records/Crc32.ts"
import { buildBatch } from "../../../../core/src/protocol/records/RecordBatchBuilder.ts"
import { codecs } from "../../../src/NodeCompression.ts"
import { frameOf } from "../Peer.ts"
import { type Attack, type Configs, connectMany, createTopics, MIB, produceOf, untilOver } from "./Attack.ts"

/** A batch whose header speaks of so many records, over any payload. */
const batchOf = (codec: CodecName, payload: Uint8Array, recordCount = 1): Uint8Array => {
  const records = codec === "none" ? payload : codecs[codec].compress(payload)
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

/** A sound batch with one record of so many zeros. */
const zeros = (codec: CodecName, valueBytes: number): Uint8Array =>
  buildBatch([{ key: null, value: new Uint8Array(valueBytes), timestamp: 1 }], { compression: { codec, codecs } })

const bombs = (
  name: string,
  batches: () => ReadonlyArray<Uint8Array>,
  options: { readonly configs?: Configs; readonly version?: number; readonly connections?: number } = {}
): Attack => ({
  kind: "A2",
  name,
  prepare: async (field) => {
    const made = batches()
    await createTopics(field.port, ["bombs"], made.length, { "max.message.bytes": String(4 * MIB), ...options.configs })
    const frame = Buffer.concat(frameOf(Produce, options.version ?? 11, produceOf("bombs", made)))
    return async () => {
      const peers = await connectMany(field.port, options.connections ?? 1)
      // Each connection sends the next request when the last one is answered: its work fills the time, not its bytes the memory.
      const attacking = peers.map(async (peer) => {
        while (!field.isOver() && !peer.isClosed) {
          const { answered } = peer
          await peer.write(frame)
          await answered
        }
      })
      await untilOver(field, peers)
      await Promise.all(attacking)
    }
  }
})

/** One message of version 1 with a compressed message in it. */
const legacyBomb = (codec: "gzip" | "snappy", valueBytes: number): Uint8Array => {
  const message = (value: Uint8Array, codecId: number): Uint8Array => {
    const bytes = new Uint8Array(34 + value.length)
    const view = new DataView(bytes.buffer)
    view.setInt32(8, bytes.length - 12)
    bytes[16] = 1
    bytes[17] = codecId
    view.setInt32(26, -1)
    view.setInt32(30, value.length)
    bytes.set(value, 34)
    view.setUint32(12, crc32(bytes, 16, bytes.length))
    return bytes
  }
  return message(codecs[codec].compress(message(new Uint8Array(valueBytes), 0)), codecIdOf(codec))
}

/** Countless records of a few bytes each. */
const tinyRecords = (count: number): Uint8Array => {
  const bytes = new Uint8Array(count * 12)
  let at = 0
  for (let offset = 0; offset < count; offset++) {
    const start = at++
    bytes[at++] = 0
    bytes[at++] = 0
    let rest = offset * 2
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at++] = rest
    bytes[at++] = 1
    bytes[at++] = 1
    bytes[at++] = 0
    bytes[start] = (at - start - 1) * 2
  }
  return bytes.subarray(0, at)
}

const repeated = (count: number, batch: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: count }, () => batch)

export const decompression: ReadonlyArray<Attack> = [
  bombs(
    "80 zstd batches of 120 MiB of zeros in one Produce",
    () => repeated(80, batchOf("zstd", new Uint8Array(120 * MIB)))
  ),
  bombs("one record of 100 MiB on 40 partitions, zstd", () => repeated(40, zeros("zstd", 100 * MIB))),
  bombs("one record of 100 MiB on 40 partitions, gzip", () => repeated(40, zeros("gzip", 100 * MIB))),
  bombs("one record of 100 MiB on 40 partitions, lz4", () => repeated(40, zeros("lz4", 100 * MIB))),
  bombs("one record of 60 MiB on 20 partitions, snappy", () => repeated(20, zeros("snappy", 60 * MIB))),
  bombs(
    "one record of 100 MiB on 40 partitions of topics with another codec",
    () => repeated(40, zeros("zstd", 100 * MIB)),
    { configs: { "compression.type": "gzip" } }
  ),
  bombs(
    "five million records in a batch, on 20 partitions",
    () => repeated(20, batchOf("zstd", tinyRecords(5_000_000), 5_000_000)),
    { configs: { "max.message.bytes": String(32 * MIB) } }
  ),
  bombs(
    "messages of version 1 that hold 100 MiB, on 40 partitions",
    () => repeated(40, legacyBomb("gzip", 100 * MIB)),
    {
      version: 2
    }
  ),
  bombs("messages of version 1 that hold 4 MiB, from 20 connections", () => repeated(2, legacyBomb("gzip", 4 * MIB)), {
    version: 2,
    connections: 20
  })
]
