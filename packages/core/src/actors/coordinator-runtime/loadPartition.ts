import { Effect } from "effect"
import type { PartitionLog } from "../../log/LogStore.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { type CompressionCodecs, decompressPayload } from "../../protocol/records/Compression.ts"
import { parseEndTransactionMarker } from "../../protocol/records/ControlRecord.ts"
import { forEachRecord } from "../../protocol/records/Record.ts"
import * as RecordBatch from "../../protocol/records/RecordBatch.ts"
import { DecodeError } from "../../protocol/wire/DecodeError.ts"
import type { PartitionLeader } from "../partition-leader/PartitionLeaders.ts"
import type { Coordination, CoordinatorMachine } from "./CoordinatorMachine.ts"

/** Bytes read from the log at once. */
const readSizeBytes = 1024 * 1024
/** Bytes one batch may have when decompressed. */
const payloadSizeBytesMax = 256 * 1024 * 1024

/** What a load found that it cannot read; counted, never fatal. */
interface Findings {
  unreadableRecords: number
}

const replayBatch = <C extends Coordination>(
  machine: CoordinatorMachine<C>,
  state: C["State"],
  codecs: CompressionCodecs,
  bytes: Uint8Array,
  at: number,
  findings: Findings
): void => {
  const producerId = RecordBatch.producerId(bytes, at)
  const isControl = RecordBatch.isControl(bytes, at)
  const openProducerId = RecordBatch.isTransactional(bytes, at) ? producerId : -1
  const payload = decompressPayload(codecs, bytes, at, payloadSizeBytesMax)
  forEachRecord(bytes, at, payload, (cursor) => {
    if (isControl) {
      const marker = parseEndTransactionMarker(cursor)
      if (marker !== undefined) machine.replayTransactionEnd(state, producerId, marker.type === "Commit")
      return
    }
    const { key, value } = cursor
    if (key === null) return
    try {
      const record = machine.decode(key, value)
      if (record !== undefined) machine.replay(state, record, openProducerId)
    } catch (error) {
      // The bytes have passed their CRC: this is a version we do not know, not damage.
      if (!(error instanceof DecodeError)) throw error
      findings.unreadableRecords++
    }
  })
}

const readAll = <C extends Coordination>(
  log: PartitionLog,
  machine: CoordinatorMachine<C>,
  codecs: CompressionCodecs,
  findings: Findings
): Effect.Effect<C["State"], ErrorCode> =>
  Effect.gen(function*() {
    const state = machine.empty()
    const end = log.logEndOffset
    let offset = log.logStartOffset
    while (offset < end) {
      const { records } = yield* Effect.mapError(
        log.read({ offset, maxBytes: readSizeBytes, minOneBatch: true, upperBoundOffset: end }),
        (): ErrorCode => ErrorCode.KAFKA_STORAGE_ERROR
      )
      const before = offset
      let at = 0
      for (
        let size = RecordBatch.nextBatchSize(records, at, records.length);
        size > 0;
        size = RecordBatch.nextBatchSize(records, at, records.length)
      ) {
        if (RecordBatch.lastOffset(records, at) >= offset) {
          replayBatch(machine, state, codecs, records, at, findings)
          offset = RecordBatch.lastOffset(records, at) + 1
        }
        at += size
      }
      // Compaction may have emptied the end of the log.
      if (offset === before) break
    }
    return state
  })

/**
 * Everything the partition's log says. Fails with the code to answer when the log cannot be read.
 * Source: CoordinatorLoaderImpl.
 */
export const loadPartition = <C extends Coordination>(
  leader: PartitionLeader,
  machine: CoordinatorMachine<C>,
  codecs: CompressionCodecs
): Effect.Effect<C["State"], ErrorCode> =>
  Effect.gen(function*() {
    const findings: Findings = { unreadableRecords: 0 }
    const state = yield* leader.reading((log) => readAll(log, machine, codecs, findings))
    if (findings.unreadableRecords > 0) {
      const { partition, topic } = leader.topicPartition
      yield* Effect.logWarning(
        `Skipped ${findings.unreadableRecords} records of ${topic}-${partition} of unknown version`
      )
    }
    return state
  })
