import { Context, Effect, Layer, Schema } from "effect"
import { type BrokerSettings, brokerSettings } from "./BrokerSettings.ts"

/** The settings cannot be read or contradict each other; the message is one line for the person who set them. */
export class BrokerConfigError extends Schema.TaggedError<BrokerConfigError>()("BrokerConfigError", {
  reason: Schema.Literals(["Invalid"]),
  message: Schema.String
}) {}

/** The broker's own settings as a service. */
export class BrokerConfig extends Context.Service<BrokerConfig, BrokerSettings>()(
  "@kafka-broker/core/config/BrokerConfig"
) {
  /**
   * Settings from properties by Kafka's names, for example `{ "num.partitions": "3" }`; the rest has its default.
   * Fails when a value does not parse or settings contradict each other.
   */
  static layer(
    properties: Readonly<Record<string, string>> | ReadonlyMap<string, string> = {}
  ): Layer.Layer<BrokerConfig, BrokerConfigError> {
    const given = new Map(properties instanceof Map ? properties : Object.entries(properties))
    return Layer.effect(
      BrokerConfig,
      Effect.mapError(
        Effect.fromResult(brokerSettings(given)),
        (message) => new BrokerConfigError({ reason: "Invalid", message })
      )
    )
  }
}
