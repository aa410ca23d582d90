import { Authorizer, BrokerConfig, KafkaBroker } from "@kafka-broker/core"
import { Listener, type LogFiles, Tick } from "@kafka-broker/core/seams"
import { NodeCompression } from "@kafka-broker/node-server"
import { Cause, Effect, Layer, Logger, Random, References } from "effect"
import { TestClock } from "effect/testing"
import { Prng } from "../fuzz/Prng.ts"

/** What a broker says at or above a warning. */
export interface SaidLine {
  readonly level: string
  readonly text: string
}

/** A broker on these files that does the same each time: no sockets, a clock that stands still, seeded names. */
export const crashBroker = (files: Layer.Layer<LogFiles>, said: Array<SaidLine>) => {
  const prng = new Prng(1, 0)
  const uint32 = () => prng.below(0x1_0000_0000)
  const logger = Logger.make(({ cause, logLevel, message }) => {
    if (logLevel !== "Warn" && logLevel !== "Error" && logLevel !== "Fatal") return
    const why = cause.reasons.length === 0 ? "" : ` ${Cause.pretty(cause)}`
    said.push({ level: logLevel, text: `${[message].flat().map(String).join(" ")}${why}` })
  })
  return KafkaBroker.layer.pipe(
    Layer.provide([
      BrokerConfig.layer({
        listeners: "PLAINTEXT://127.0.0.1:9092",
        "offsets.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0"
      }),
      Authorizer.allowAll,
      files,
      Layer.succeed(Listener, { listen: ({ host, port }) => Effect.succeed({ host, port }) }),
      Layer.succeed(Tick, { atEnd: (task) => queueMicrotask(task) }),
      NodeCompression.layer
    ]),
    Layer.provideMerge(TestClock.layer()),
    Layer.provide([
      Logger.layer([logger]),
      Layer.succeed(References.MinimumLogLevel, "Warn"),
      Layer.succeed(Random.Random, { nextIntUnsafe: uint32, nextDoubleUnsafe: () => uint32() / 0x1_0000_0000 })
    ])
  )
}
