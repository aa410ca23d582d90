import { Effect } from "effect"
import { ListOffsets } from "../protocol/apis/ListOffsets.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { failOnError, type KafkaError } from "./KafkaError.ts"
import { retryTransient } from "./retryTransient.ts"
import { describeTopic } from "./topics.ts"

const requestTimeoutMs = 30_000
/** Special timestamps of ListOffsets. */
const earliestTimestamp = -2
const latestTimestamp = -1

/** Both ends of a partition. */
export interface PartitionOffsets {
  readonly partition: number
  readonly earliest: number
  readonly latest: number
}

/**
 * Offsets of the given partitions for a point in time (milliseconds since the epoch) or one of both ends, in the order
 * asked; -1 when no record is that young.
 */
export const listOffsets = (
  connection: ClientConnection,
  topic: string,
  partitions: ReadonlyArray<number>,
  from: "earliest" | "latest" | number
): Effect.Effect<ReadonlyArray<number>, KafkaError> =>
  retryTransient(
    connection.request(ListOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{
        name: topic,
        partitions: partitions.map((partitionIndex) => ({
          partitionIndex,
          currentLeaderEpoch: -1,
          timestamp: from === "earliest" ? earliestTimestamp : from === "latest" ? latestTimestamp : from
        }))
      }],
      timeoutMs: requestTimeoutMs
    }).pipe(Effect.flatMap((response) => {
      const results = response.topics.flatMap((one) => one.partitions)
      const at = ({ partitionIndex }: { readonly partitionIndex: number }) => ({
        api: "ListOffsets",
        topic,
        partition: partitionIndex
      })
      const offsets = new Map(results.map((result) => [result.partitionIndex, result.offset]))
      return Effect.as(failOnError(results, at), partitions.map((partition) => offsets.get(partition) ?? -1))
    }))
  )

/** Earliest and latest offset of every partition of a topic. */
export const partitionOffsets = Effect.fnUntraced(function*(
  connection: ClientConnection,
  topic: string
): Effect.fn.Return<ReadonlyArray<PartitionOffsets>, KafkaError> {
  const partitions = (yield* describeTopic(connection, topic)).partitions.map(({ partition }) => partition)
  const earliest = yield* listOffsets(connection, topic, partitions, "earliest")
  const latest = yield* listOffsets(connection, topic, partitions, "latest")
  return partitions.map((partition, i) => ({ partition, earliest: earliest[i]!, latest: latest[i]! }))
})
