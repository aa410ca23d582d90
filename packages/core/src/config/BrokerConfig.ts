import { Context, Effect, Layer, Result, Schema } from "effect"
import { type BrokerSettings, brokerSettings, type SettingWithoutEffect } from "./BrokerSettings.ts"
import { propertiesOf, type SettingsInput } from "./SettingsInput.ts"

/** The settings cannot be read or contradict each other; the message is one line for the person who set them. */
export class BrokerConfigError extends Schema.TaggedError<BrokerConfigError>()("BrokerConfigError", {
  reason: Schema.Literals(["Invalid"]),
  message: Schema.String
}) {}

/** `a, b (why); c (why)`. */
const listed = (settings: ReadonlyArray<SettingWithoutEffect>): string => {
  const byReason = new Map<string, Array<string>>()
  for (const { name, why } of settings) byReason.set(why, [...(byReason.get(why) ?? []), name])
  return Array.from(byReason, ([why, names]) => `${names.join(", ")} (${why})`).join("; ")
}

/** The broker's own settings as a service. */
export class BrokerConfig extends Context.Service<BrokerConfig, BrokerSettings>()(
  "@kafka-broker/core/config/BrokerConfig"
) {
  /**
   * Settings by Kafka's names, for example `{ "num.partitions": 3 }`; the rest has its default. Those
   * that are unknown or have no effect are named in a warning. Fails when a value does not parse or settings contradict
   * each other.
   */
  static layer(
    settings: SettingsInput | ReadonlyMap<string, string> = {}
  ): Layer.Layer<BrokerConfig, BrokerConfigError> {
    return Layer.effect(
      BrokerConfig,
      Effect.suspend(() => Effect.fromResult(Result.flatMap(propertiesOf(settings), brokerSettings))).pipe(
        Effect.mapError((message) => new BrokerConfigError({ reason: "Invalid", message })),
        Effect.tap(({ withoutEffect }) =>
          withoutEffect.length === 0
            ? Effect.void
            : Effect.logWarning(`These settings have no effect here: ${listed(withoutEffect)}`)
        )
      )
    )
  }
}
