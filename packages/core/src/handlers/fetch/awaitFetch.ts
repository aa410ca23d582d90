import { Clock, Effect } from "effect"
import { DelayedFetch } from "../../actors/partition-leader/DelayedFetch.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import {
  endOffsetFor,
  type PartitionRead,
  type PartitionToRead,
  type ReadParameters,
  readPartitions
} from "./readPartitions.ts"

export interface AwaitFetchOptions extends ReadParameters {
  readonly partitions: ReadonlyArray<PartitionToRead>
  readonly minBytes: number
  readonly maxWaitMs: number
}

/** Whether the reader is to be answered now. */
const isEnough = (reads: ReadonlyArray<PartitionRead>, minBytes: number): boolean => {
  let readableBytes = 0
  for (const { response } of reads) {
    if (response.errorCode !== ErrorCode.NONE || response.divergingEpoch !== undefined) return true
    readableBytes += response.records?.length ?? 0
  }
  return readableBytes >= minBytes
}

/** Completes when the fetch may be ready. The wait is registered nowhere any more once it ends, however it ends. */
const untilReady = (options: AwaitFetchOptions, reads: ReadonlyArray<PartitionRead>): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const delayed = new DelayedFetch({
      minBytes: options.minBytes,
      partitions: options.partitions.map(({ leader, of }, i) => ({
        leader: leader!,
        fetchOffset: of.fetchOffset,
        maxBytes: of.maxBytes,
        readableBytes: reads[i]!.response.records?.length ?? 0,
        endOffset: reads[i]!.endOffset
      })),
      endOffset: (view) => endOffsetFor(view, options.isolation),
      onReady: () => resume(Effect.void)
    })
    delayed.start()
    return Effect.sync(() => delayed.stop())
  })

/**
 * Reads the partitions, waiting up to `maxWaitMs` for `minBytes`, an error or a diverging epoch.
 * Source: ReplicaManager.fetchMessages, DelayedFetch.
 */
export const awaitFetch = Effect.fnUntraced(function*(options: AwaitFetchOptions) {
  let reads = yield* readPartitions(options.partitions, options)
  if (options.maxWaitMs <= 0 || isEnough(reads, options.minBytes)) return reads
  const clock = yield* Clock.Clock
  const deadlineMs = clock.currentTimeMillisUnsafe() + options.maxWaitMs
  while (true) {
    yield* Effect.timeoutOption(untilReady(options, reads), deadlineMs - clock.currentTimeMillisUnsafe())
    reads = yield* readPartitions(options.partitions, options)
    if (clock.currentTimeMillisUnsafe() >= deadlineMs || isEnough(reads, options.minBytes)) return reads
  }
})
