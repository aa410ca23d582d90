import type { BrokerClient, Client, KafkaError } from "@kafka-broker/core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { bootstrapFlag, jsonFlag, withBroker } from "./bootstrap.ts"

const text = (bytes: Uint8Array | null): string | null => bytes === null ? null : new TextDecoder().decode(bytes)

const shown = (record: Client.ConsumedRecord, json: boolean): string => {
  const value = text(record.value)
  if (!json) return record.key === null ? value ?? "null" : `${text(record.key)}\t${value ?? "null"}`
  const { offset, partition, timestamp, topic } = record
  const headers = record.headers.map((header) => ({ key: header.key, value: text(header.value) }))
  return JSON.stringify({ topic, partition, offset, timestamp, key: text(record.key), value, headers })
}

/** The records that are there now, or those and all that follow. */
const recordsOf = (
  client: BrokerClient,
  topic: string,
  options: { readonly follow: boolean; readonly group: string | undefined; readonly from: "earliest" | "latest" }
): Stream.Stream<Client.ConsumedRecord, KafkaError> => {
  const { follow, from, group } = options
  if (group !== undefined) return client.consumeAs(group, [topic], { from })
  if (follow || from === "latest") return client.consume(topic, { from })
  return Stream.fromIterableEffect(client.records(topic))
}

/** Prints records. */
export const consumeCommand = Command.make(
  "consume",
  {
    bootstrap: bootstrapFlag,
    json: jsonFlag,
    topic: Argument.String("topic").pipe(Argument.withDescription("Topic to read")),
    follow: Flag.Boolean("follow").pipe(
      Flag.withDescription("Go on with the records that come; without it the command ends with those that are there"),
      Flag.withDefault(false)
    ),
    latest: Flag.Boolean("latest").pipe(
      Flag.withDescription("Only records that come from now on"),
      Flag.withDefault(false)
    ),
    group: Flag.String("group").pipe(
      Flag.withDescription("Read as a member of this group, and commit what was printed"),
      Flag.optional
    ),
    count: Flag.Int("count").pipe(Flag.withDescription("End after so many records"), Flag.optional)
  },
  Effect.fnUntraced(function*({ bootstrap, count, follow, group, json, latest, topic }) {
    yield* withBroker(bootstrap, (client) => {
      const records = recordsOf(client, topic, {
        follow,
        group: Option.getOrUndefined(group),
        from: latest ? "latest" : "earliest"
      })
      const some = Option.isSome(count) ? Stream.take(records, count.value) : records
      return Stream.runForEach(some, (record) => Console.log(shown(record, json)))
    })
  })
).pipe(Command.withDescription("Print the records of a topic, as key, tab and value"))
