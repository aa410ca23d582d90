/** A small service to be tested: reads lines from one topic and keeps a count of every word in another. */
import { KafkaBroker } from "@kafka-broker/core"
import { Effect, Stream } from "effect"

/** Counts the words of `lines` records of topic `lines`; each new count is a record of topic `counts`, keyed by word. */
export const countWords = Effect.fnUntraced(function*(lines: number) {
  const { client } = yield* KafkaBroker
  const counts = new Map<string, number>()
  yield* client.consume("lines").pipe(
    Stream.take(lines),
    Stream.runForEach(Effect.fnUntraced(function*({ value }) {
      const words = new TextDecoder().decode(value ?? undefined).split(/\s+/).filter((word) => word !== "")
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
      yield* client.produce("counts", words.map((word) => ({ key: word, value: String(counts.get(word)) })))
    }))
  )
})
