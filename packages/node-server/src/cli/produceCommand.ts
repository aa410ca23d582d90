import type { Client } from "@kafka-broker/core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Readline from "node:readline"
import { bootstrapFlag, jsonFlag, withBroker } from "./bootstrap.ts"
import { UsageError } from "./UsageError.ts"

/** Lines that are appended at once. */
const linesAtOnce = 500

/** Opened only by the command: a process does not end while it listens to stdin. */
const lines = Stream.suspend(() =>
  Stream.fromAsyncIterable(
    Readline.createInterface({ input: process.stdin, crlfDelay: Infinity }),
    (error) => new UsageError(`stdin: ${error instanceof Error ? error.message : String(error)}`)
  )
)

const recordOf = (line: string, separator: string | undefined): Client.ProducerRecord => {
  const at = separator === undefined ? -1 : line.indexOf(separator)
  return at < 0 ? { value: line } : { key: line.slice(0, at), value: line.slice(at + separator!.length) }
}

/** Appends each line of stdin as a record. */
export const produceCommand = Command.make(
  "produce",
  {
    bootstrap: bootstrapFlag,
    json: jsonFlag,
    topic: Argument.String("topic").pipe(Argument.withDescription("Topic to append to")),
    keySeparator: Flag.String("key-separator").pipe(
      Flag.withDescription("What stands between key and value in a line; without it lines are values"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ bootstrap, json, keySeparator, topic }) {
    const separator = Option.getOrUndefined(keySeparator)
    let count = 0
    yield* withBroker(bootstrap, (client) =>
      lines.pipe(
        Stream.grouped(linesAtOnce),
        Stream.runForEach(Effect.fnUntraced(function*(group) {
          const placed = yield* client.produce(topic, group.map((line) => recordOf(line, separator)))
          count += placed.length
          if (json) { for (const one of placed) yield* Console.log(JSON.stringify({ topic, ...one })) }
        }))
      ))
    if (!json) yield* Console.log(`${count} records appended to ${topic}`)
  })
).pipe(Command.withDescription("Append each line of stdin as a record"))
