import type { BrokerClient } from "@kafka-broker/core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { bootstrapFlag, jsonFlag, withBroker } from "./bootstrap.ts"
import { table } from "./table.ts"

const shown = (value: number | null): string => value === null ? "-" : String(value)

const listed = (client: BrokerClient) =>
  Effect.flatMap(
    client.groups,
    Effect.forEach((group) =>
      Effect.map(client.lag(group.groupId), (partitions) => ({
        ...group,
        lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0)
      }))
    )
  )

/** Lists groups, or where one of them stands in each partition. */
export const groupsCommand = Command.make(
  "groups",
  {
    bootstrap: bootstrapFlag,
    json: jsonFlag,
    group: Argument.String("group").pipe(Argument.withDescription("A group to look at by partition"), Argument.optional)
  },
  Effect.fnUntraced(function*({ bootstrap, group, json }) {
    const print = (
      values: ReadonlyArray<object>,
      head: ReadonlyArray<string>,
      rows: ReadonlyArray<ReadonlyArray<string>>
    ) =>
      Effect.forEach(
        json ? values.map((value) => JSON.stringify(value)) : table(head, rows),
        (line) => Console.log(line),
        { discard: true }
      )
    if (Option.isNone(group)) {
      const groups = yield* withBroker(bootstrap, listed)
      const rows = groups.map(({ groupId, lag, state, type }) => [groupId, type, state, String(lag)])
      return yield* print(groups, ["GROUP", "TYPE", "STATE", "LAG"], rows)
    }
    const partitions = yield* withBroker(bootstrap, (client) => client.lag(group.value))
    const rows = partitions.map(({ committed, end, lag, partition, topic }) => [
      topic,
      String(partition),
      shown(committed),
      String(end),
      shown(lag)
    ])
    return yield* print(partitions, ["TOPIC", "PARTITION", "COMMITTED", "END", "LAG"], rows)
  })
).pipe(Command.withDescription("List groups with their lag, or one group's offsets by partition"))
