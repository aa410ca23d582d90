import { KafkaError } from "@kafka-broker/core"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { bootstrapFlag, withBroker } from "./bootstrap.ts"
import { UsageError } from "./UsageError.ts"

/** Milliseconds between two tries. */
const pauseMs = 100

/** Ends with 0 once a broker answers requests for its topics, and with 1 when none does in time. */
export const readyCommand = Command.make(
  "ready",
  {
    bootstrap: bootstrapFlag,
    timeout: Flag.Int("timeout").pipe(
      Flag.withDescription("Seconds to wait for it (default 0: ask once)"),
      Flag.withDefault(0)
    )
  },
  Effect.fnUntraced(function*({ bootstrap, timeout }) {
    const endMs = (yield* Clock.currentTimeMillis) + timeout * 1000
    const ask = Effect.suspend(() => withBroker(bootstrap, (client) => client.listTopics))
    const tryAgain = (error: KafkaError | UsageError): Effect.Effect<ReadonlyArray<string>, KafkaError | UsageError> =>
      Effect.flatMap(Clock.currentTimeMillis, (nowMs) =>
        nowMs + pauseMs >= endMs
          ? Effect.fail(error)
          : Effect.catch(Effect.andThen(Effect.sleep(pauseMs), ask), tryAgain))
    const topics = yield* Effect.catch(ask, tryAgain)
    yield* Console.log(`ready (${topics.length} topics)`)
  })
).pipe(Command.withDescription("End with 0 when a broker is ready, for probes"))
