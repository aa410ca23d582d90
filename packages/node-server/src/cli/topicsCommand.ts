import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { bootstrapFlag, jsonFlag, withBroker } from "./bootstrap.ts"
import { table } from "./table.ts"

/** Lists topics with their partitions and offsets. */
export const topicsCommand = Command.make(
  "topics",
  { bootstrap: bootstrapFlag, json: jsonFlag },
  Effect.fnUntraced(function*({ bootstrap, json }) {
    const topics = yield* withBroker(
      bootstrap,
      (client) =>
        Effect.flatMap(
          client.listTopics,
          Effect.forEach((name) => Effect.map(client.offsets(name), (partitions) => ({ name, partitions })))
        )
    )
    if (json) {
      for (const topic of topics) yield* Console.log(JSON.stringify(topic))
      return
    }
    const rows = topics.map(({ name, partitions }) => [
      name,
      String(partitions.length),
      String(partitions.reduce((sum, { earliest, latest }) => sum + latest - earliest, 0))
    ])
    for (const line of table(["TOPIC", "PARTITIONS", "OFFSETS"], rows)) yield* Console.log(line)
  })
).pipe(Command.withDescription("List topics with their partitions and how many offsets they span"))
