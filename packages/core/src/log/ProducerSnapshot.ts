/**
 * The `<offset>.snapshot` file: i16 version = 1, u32 CRC-32C of byte 6 to the end, i32 count, then 46 bytes per producer.
 * Source: ProducerStateManager.writeSnapshot, ProducerSnapshot.json.
 */
import { crc32c } from "../protocol/wire/Crc32c.ts"
import { readInt64, viewOf, writeInt64 } from "./Int64.ts"
import type { SavedProducer } from "./ProducerStates.ts"

const VERSION = 1
const CRC_OFFSET = 2
const COUNT_OFFSET = 6
const HEADER_BYTES = 10
const ENTRY_BYTES = 46

/** The bytes of a snapshot of these producers. */
export const encodeProducerSnapshot = (producers: ReadonlyArray<SavedProducer>): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES + producers.length * ENTRY_BYTES)
  const view = viewOf(bytes)
  view.setInt16(0, VERSION)
  view.setInt32(COUNT_OFFSET, producers.length)
  let at = HEADER_BYTES
  for (const producer of producers) {
    writeInt64(view, at, producer.producerId)
    view.setInt16(at + 8, producer.producerEpoch)
    view.setInt32(at + 10, producer.lastSequence)
    writeInt64(view, at + 14, producer.lastOffset)
    view.setInt32(at + 22, producer.offsetDelta)
    writeInt64(view, at + 26, producer.lastTimestamp)
    view.setInt32(at + 34, producer.coordinatorEpoch)
    writeInt64(view, at + 38, producer.transactionFirstOffset)
    at += ENTRY_BYTES
  }
  view.setUint32(CRC_OFFSET, crc32c(bytes, COUNT_OFFSET, bytes.length))
  return bytes
}

/** The producers of a snapshot; undefined when the bytes are not a whole, undamaged snapshot of version 1. */
export const decodeProducerSnapshot = (bytes: Uint8Array): ReadonlyArray<SavedProducer> | undefined => {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = viewOf(bytes)
  if (view.getInt16(0) !== VERSION) return undefined
  if (view.getUint32(CRC_OFFSET) !== crc32c(bytes, COUNT_OFFSET, bytes.length)) return undefined
  const count = view.getInt32(COUNT_OFFSET)
  if (count < 0 || HEADER_BYTES + count * ENTRY_BYTES !== bytes.length) return undefined
  const producers: Array<SavedProducer> = []
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    producers.push({
      producerId: readInt64(view, at),
      producerEpoch: view.getInt16(at + 8),
      lastSequence: view.getInt32(at + 10),
      lastOffset: readInt64(view, at + 14),
      offsetDelta: view.getInt32(at + 22),
      lastTimestamp: readInt64(view, at + 26),
      coordinatorEpoch: view.getInt32(at + 34),
      transactionFirstOffset: readInt64(view, at + 38)
    })
  }
  return producers
}
