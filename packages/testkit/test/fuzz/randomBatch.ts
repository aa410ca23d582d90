import { codecNames } from "../../../core/src/protocol/records/Compression.ts"
import type { CompressionCodecs } from "../../../core/src/protocol/records/Compression.ts"
import * as RecordBatch from "../../../core/src/protocol/records/RecordBatch.ts"
import { buildBatch, type NewRecord } from "../../../core/src/protocol/records/RecordBatchBuilder.ts"
import type { Prng } from "./Prng.ts"

/** Where a fuzzed producer's clock stands, in milliseconds since the epoch. */
const clockMs = 1_700_000_000_000

const randomRecord = (prng: Prng): NewRecord => ({
  key: prng.once(3) ? null : prng.bytes(prng.below(12)),
  value: prng.once(5) ? null : prng.bytes(prng.below(prng.once(20) ? 2_000 : 40)),
  timestamp: prng.once(8) ? prng.pick([-1, 0, 2 ** 52, -(2 ** 40)]) : clockMs + prng.below(1_000),
  headers: prng.once(6) ? [{ key: prng.pick(["", "h", "schön"]), value: prng.once(2) ? null : prng.bytes(3) }] : []
})

/** A batch that a good producer could have sent. */
const validBatch = (prng: Prng, codecs: CompressionCodecs): Uint8Array => {
  const codec = prng.once(2) ? "none" : prng.pick(codecNames)
  const isIdempotent = prng.once(4)
  return buildBatch(
    Array.from({ length: prng.once(10) ? prng.below(60) : prng.between(1, 3) }, () => randomRecord(prng)),
    {
      ...(codec === "none" ? {} : { compression: { codec, codecs } }),
      ...(isIdempotent
        ? {
          producerId: prng.below(4),
          producerEpoch: prng.below(2),
          baseSequence: prng.pick([0, 0, 1, 2, 0x7fff_ffff])
        }
        : {}),
      isTransactional: prng.once(30),
      isControl: prng.once(60)
    }
  )
}

/** Position and width of every field of a batch header, the checksum left out. */
const headerFields: ReadonlyArray<readonly [at: number, width: 1 | 2 | 4 | 8]> = [
  [0, 8],
  [8, 4],
  [12, 4],
  [16, 1],
  [21, 2],
  [23, 4],
  [27, 8],
  [35, 8],
  [43, 8],
  [51, 2],
  [53, 4],
  [57, 4]
]

const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fffe]

const damageHeader = (prng: Prng, batch: Uint8Array): void => {
  const [at, width] = prng.pick(headerFields)
  const value = prng.once(3) ? prng.below(0x1_0000_0000) : prng.pick(edges)
  const high = prng.once(2) ? 0 : value
  for (let i = 0; i < width; i++) {
    const word = i < width - 4 ? high : value
    batch[at + i] = word >>> (8 * ((width - 1 - i) % 4))
  }
}

const damagePayload = (prng: Prng, batch: Uint8Array): void => {
  for (let i = prng.between(1, 4); i > 0 && batch.length > RecordBatch.RECORD_BATCH_OVERHEAD; i--) {
    const at = prng.between(RecordBatch.RECORD_BATCH_OVERHEAD, batch.length - 1)
    batch[at] = prng.pick([0, 1, 0x7f, 0x80, 0xff, batch[at]! ^ (1 << prng.below(8)), prng.below(256)])
  }
}

/** The batch with its length field and checksum made right again, where there is room for them. */
const repaired = (batch: Uint8Array, mayFixLength: boolean): Uint8Array => {
  if (batch.length < RecordBatch.RECORD_BATCH_OVERHEAD) return batch
  if (mayFixLength) {
    new DataView(batch.buffer, batch.byteOffset).setInt32(8, batch.length - RecordBatch.LOG_OVERHEAD)
  }
  if (RecordBatch.batchSizeBytes(batch, 0) === batch.length) RecordBatch.updateCrc(batch, 0)
  return batch
}

/** One record whose value is `sizeBytes` zeros, compressed: small on the wire and large behind it. */
const bombs = new Map<string, Uint8Array>()

const bomb = (prng: Prng, codecs: CompressionCodecs): Uint8Array => {
  const codec = prng.pick(["gzip", "snappy", "lz4", "zstd"] as const)
  const sizeBytes = prng.once(50) ? 140 * 1024 * 1024 : 2 * 1024 * 1024
  if (codec === "snappy" && sizeBytes > 2 ** 22) return bomb(prng, codecs)
  const name = `${codec}-${sizeBytes}`
  let batch = bombs.get(name)
  if (batch === undefined) {
    const record = { value: new Uint8Array(sizeBytes), timestamp: clockMs }
    batch = buildBatch([record], { compression: { codec, codecs } })
    bombs.set(name, batch)
  }
  return batch.slice()
}

/** Records for a Produce request: valid, damaged with a right checksum, damaged anyhow, or none at all. */
export const randomBatch = (prng: Prng, codecs: CompressionCodecs): Uint8Array => {
  if (prng.once(4_000)) return bomb(prng, codecs)
  const batch = validBatch(prng, codecs)
  switch (prng.below(10)) {
    case 0:
    case 1:
      damageHeader(prng, batch)
      return repaired(batch, prng.once(2))
    case 2:
    case 3:
      damagePayload(prng, batch)
      return repaired(batch, false)
    case 4:
      return repaired(batch.slice(0, prng.below(batch.length + 1)), prng.once(2))
    case 5: {
      const joined = new Uint8Array(batch.length + 20)
      joined.set(batch)
      joined.set(prng.bytes(20), batch.length)
      return repaired(joined, prng.once(2))
    }
    case 6:
      return prng.once(4) ? prng.bytes(prng.below(100)) : batch
    default:
      return batch
  }
}
