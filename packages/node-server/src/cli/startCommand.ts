import { BrokerConfig, KafkaBroker } from "@kafka-broker/core"
import { BrokerLoggers } from "@kafka-broker/core/tools"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Path from "node:path"
import { ownVariables } from "../BrokerEnvironment.ts"
import { NodeKafkaBroker } from "../NodeKafkaBroker.ts"
import type { StartOptions } from "../StartOptions.ts"
import { version } from "../Version.ts"
import { brokerLogger, loggersAt } from "./brokerLogger.ts"
import { parseSettings, startConfig } from "./startConfig.ts"
import type { StartConfig } from "./startConfig.ts"
import { UsageError } from "./UsageError.ts"

/** A variable's flag has its description, and names it. */
const described = (variable: keyof typeof ownVariables): string => `${ownVariables[variable].description} [${variable}]`

const optionalText = (name: string, variable: keyof typeof ownVariables) =>
  Flag.String(name).pipe(Flag.withDescription(described(variable)), Flag.optional)

const optionalInt = (name: string, variable: keyof typeof ownVariables) =>
  Flag.Int(name).pipe(Flag.withDescription(described(variable)), Flag.optional)

const flags = {
  port: optionalInt("port", "KAFKA_BROKER_PORT"),
  host: optionalText("host", "KAFKA_BROKER_HOST"),
  advertisedHost: optionalText("advertised-host", "KAFKA_BROKER_ADVERTISED_HOST"),
  advertisedPort: optionalInt("advertised-port", "KAFKA_BROKER_ADVERTISED_PORT"),
  dataDir: optionalText("data-dir", "KAFKA_BROKER_DATA_DIR"),
  nodeId: optionalInt("node-id", "KAFKA_BROKER_NODE_ID"),
  memory: Flag.Boolean("memory").pipe(
    Flag.withDescription(described("KAFKA_BROKER_MEMORY")),
    Flag.withDefault(false)
  ),
  config: optionalText("config", "KAFKA_BROKER_CONFIG"),
  set: Flag.String("set").pipe(
    Flag.withDescription("A Kafka setting, as key=value; repeatable [KAFKA_KEY, dots as underscores]"),
    Flag.atLeast(0)
  ),
  file: Argument.String("server.properties").pipe(
    Argument.withDescription("Same as --config"),
    Argument.optional
  )
}

type Given<A> = { readonly [Name in keyof A]: A[Name] extends Option.Option<infer B> ? B | undefined : A[Name] }

/** Drops what was not given, so that it does not hide what the environment says. */
const given = (options: Given<StartOptions> | object): StartOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const announce = Effect.fnUntraced(function*(
  broker: KafkaBroker["Service"],
  config: BrokerConfig["Service"],
  memory: boolean
) {
  const data = memory ? "in memory" : Path.resolve(config.logDir)
  const address = broker.host.includes(":") ? `[${broker.host}]` : broker.host
  const tookMs = Math.round(performance.now())
  yield* Console.log(
    `kafka-broker ${version} ready at ${address}:${broker.port} in ${tookMs} ms ` +
      `(data: ${data}, node ${broker.nodeId}, cluster ${broker.clusterId})`
  )
})

const run = Effect.fnUntraced(function*({ ignoredVariables, memory, properties }: StartConfig) {
  const context = yield* Layer.build(NodeKafkaBroker.layer({ settings: properties, memory })).pipe(
    Effect.onInterrupt(() => Effect.logInfo("stopped before the broker was ready"))
  )
  const config = Context.get(context, BrokerConfig)
  if (ignoredVariables.length > 0) {
    yield* Effect.logWarning(`These variables have no effect here: ${ignoredVariables.join(", ")}`)
  }
  const broker = Context.get(context, KafkaBroker)
  yield* announce(broker, config, memory)
  return yield* config.metadataLogFailure === "exit" ? broker.failed : Effect.never
})

/** Runs the broker until it is interrupted. */
export const startCommand = Command.make(
  "start",
  flags,
  Effect.fnUntraced(function*(input) {
    const text = Option.getOrUndefined
    const config = yield* Effect.try({
      try: () =>
        startConfig(
          given({
            port: text(input.port),
            host: text(input.host),
            advertisedHost: text(input.advertisedHost),
            advertisedPort: text(input.advertisedPort),
            dataDir: text(input.dataDir),
            nodeId: text(input.nodeId),
            memory: input.memory ? true : undefined,
            configFile: text(input.config) ?? text(input.file),
            settings: parseSettings(input.set)
          }),
          process.env
        ),
      catch: (cause) => cause as UsageError
    })
    const loggers = loggersAt(yield* References.MinimumLogLevel)
    const logging = Logger.layer([brokerLogger(loggers, (line) => process.stderr.write(line))])
    return yield* Effect.scoped(run(config)).pipe(
      Effect.provide(logging),
      Effect.provideService(BrokerLoggers, loggers),
      // The logger decides by a level that admin clients change while the broker runs.
      Effect.provideService(References.MinimumLogLevel, "Trace")
    )
  })
).pipe(Command.withDescription("Run the broker; this is also what happens without a command"))
