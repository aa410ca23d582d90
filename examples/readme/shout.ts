import { KafkaBroker } from "@kafka-broker/core"
import { apis } from "@kafka-broker/core/protocol"
import { Effect, Stream } from "effect"

/** Copies the first `count` records of one topic to another, in capitals; returns the cluster's id. */
export const shout = Effect.fnUntraced(function*(from: string, to: string, count: number) {
  const { client } = yield* KafkaBroker
  yield* client.consume(from).pipe(
    Stream.take(count),
    Stream.map(({ value }) => new TextDecoder().decode(value ?? undefined).toUpperCase()),
    Stream.runForEach((value) => client.produce(to, [{ value }]))
  )
  const cluster = yield* client.request(apis.DescribeCluster, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: false
  })
  return cluster.clusterId
})
