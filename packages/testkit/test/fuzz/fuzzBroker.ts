import { Authorizer, BrokerConfig, KafkaBroker } from "@kafka-broker/core"
import { MemoryLogFiles } from "@kafka-broker/core/seams"
import { NodeCompression, NodeListener, NodeTick } from "@kafka-broker/node-server"
import { Layer, Logger, Metric, Random, References } from "effect"
import { Prng } from "./Prng.ts"

/** What the broker under test says of itself while it is fuzzed. */
export class BrokerWatch {
  /** Log lines at or above Error, and Warn: none of them may come of what a client sends. */
  readonly errors: Array<string> = []
  /** Fibers started and not ended. */
  fibers = 0
  /** Reseeded for every epoch, so that topic ids do not depend on what came before. */
  prng = new Prng(0, 0)

  reseed(seed: number, epoch: number): void {
    this.prng = new Prng(seed ^ 0x5bd1_e995, epoch)
  }
}

const silence = new Set(["Trace", "Debug", "Info"])

/** A broker in memory that tells `watch` of its errors and fibers. */
export const fuzzBrokerLayer = (watch: BrokerWatch) => {
  const logger = Logger.make(({ cause, logLevel, message }) => {
    if (!silence.has(logLevel)) watch.errors.push(`${logLevel} ${JSON.stringify(message)} ${String(cause)}`)
  })
  const uint32 = () => watch.prng.below(0x1_0000_0000)
  return KafkaBroker.layer.pipe(
    Layer.provide([
      BrokerConfig.layer({
        listeners: "PLAINTEXT://127.0.0.1:0",
        "max.incremental.fetch.session.cache.slots": "50",
        "offsets.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0"
      }),
      Authorizer.allowAll,
      MemoryLogFiles.layer(),
      NodeListener.layer,
      NodeTick.layer,
      NodeCompression.layer
    ]),
    Layer.provide([
      Logger.layer([logger]),
      Layer.succeed(References.MinimumLogLevel, "Info"),
      Layer.succeed(Random.Random, { nextIntUnsafe: uint32, nextDoubleUnsafe: () => uint32() / 0x1_0000_0000 }),
      Layer.succeed(Metric.FiberRuntimeMetrics, {
        recordFiberStart: () => {
          watch.fibers++
        },
        recordFiberEnd: () => {
          watch.fibers--
        }
      })
    ])
  )
}
