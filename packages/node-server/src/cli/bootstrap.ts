import { type BrokerClient, KafkaError } from "@kafka-broker/core"
import { makeBrokerClient } from "@kafka-broker/core/tools"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Flag from "effect/cli/Flag"
import { connectTcp } from "../connectTcp.ts"
import { codecs } from "../NodeCompression.ts"
import { UsageError } from "./UsageError.ts"

/** Largest request that a broker reads unless it is told otherwise. Source: `socket.request.max.bytes`. */
const requestBytesMax = 100 * 1024 * 1024

/** Where the commands look for a broker. */
export const bootstrapFlag = Flag.String("bootstrap").pipe(
  Flag.withDescription("Broker to ask, as host:port (default 127.0.0.1:9092) [KAFKA_BROKER_HOST and _PORT]"),
  Flag.optional
)

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("One JSON value a line instead of text"),
  Flag.withDefault(false)
)

/** An address from `host:port`, `[::1]:port` or `host`; what is missing comes from the environment. Throws `UsageError`. */
export const parseBootstrap = (
  text: string | undefined,
  environment: Readonly<Record<string, string | undefined>>
): { readonly host: string; readonly port: number } => {
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text ?? "")
  const port = Number(match?.[3] ?? environment["KAFKA_BROKER_PORT"] ?? 9092)
  if (match === null || !(port > 0 && port <= 65_535)) {
    throw new UsageError(`--bootstrap ${text ?? ""}: expected host:port with a port between 1 and 65535`)
  }
  const host = match[1] ?? match[2] ?? ""
  const fromEnvironment = environment["KAFKA_BROKER_HOST"]
  const isWildcard = fromEnvironment === undefined || /^[0:.]*$/.test(fromEnvironment)
  return { host: host !== "" ? host : isWildcard ? "127.0.0.1" : fromEnvironment, port }
}

/** Runs a command with a client of the broker; an unreachable broker is named. */
export const withBroker = <A>(
  bootstrap: Option.Option<string>,
  use: (client: BrokerClient) => Effect.Effect<A, KafkaError | UsageError, Scope.Scope>
): Effect.Effect<A, KafkaError | UsageError> =>
  Effect.scoped(Effect.gen(function*() {
    const address = yield* Effect.try({
      try: () => parseBootstrap(Option.getOrUndefined(bootstrap), process.env),
      catch: (cause) => cause as UsageError
    })
    const endpoint = { connect: () => connectTcp(address), maxRequestBytes: requestBytesMax }
    const client = yield* makeBrokerClient(endpoint, codecs)
    return yield* Effect.mapError(use(client), (error) =>
      error instanceof KafkaError && error.name === "NETWORK_EXCEPTION"
        ? new UsageError(`no broker answers at ${address.host}:${address.port} (see --bootstrap)`)
        : error)
  }))
