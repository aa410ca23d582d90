import { Effect } from "effect"
import { PartitionReader, type Position } from "../client/PartitionReader.ts"
import { WireClient } from "../client/WireClient.ts"
import { backOff, type MakeWorkload, think } from "../Setting.ts"

/** A consumer without a group: it reads some partitions of the standing topics from their start. */
export const assignedConsumer: MakeWorkload = (setting, name, random, operations) => {
  const client = new WireClient(setting.world, name)
  const reader = new PartitionReader(setting, client, name, random)
  const positions: Array<Position> = []
  for (const topic of setting.topics) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      if (random.chance(0.7)) positions.push({ topic: topic.name, partition, offset: 0 })
    }
  }
  return {
    name,
    run: Effect.gen(function*() {
      for (let i = 0; i < operations && !setting.isOver && positions.length > 0; i++) {
        if (!(yield* reader.fetch(positions))) yield* backOff(random)
        yield* think(setting, random)
      }
      client.close()
    })
  }
}
