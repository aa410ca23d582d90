import { Result } from "effect"
import { dynamicBrokerConfigDef, dynamicMode } from "./BrokerConfigs.ts"
import { actsAtOnce, parseKey } from "./ConfigDef.ts"

/** Keys and certificates exist dynamically only under the prefix of a listener. Source: SslConfigs.RECONFIGURABLE_CONFIGS. */
const listenerOnly = new Set([
  "ssl.key.password",
  "ssl.keystore.certificate.chain",
  "ssl.keystore.key",
  "ssl.keystore.location",
  "ssl.keystore.password",
  "ssl.keystore.type",
  "ssl.truststore.certificates",
  "ssl.truststore.location",
  "ssl.truststore.password",
  "ssl.truststore.type"
])

const notDynamic = "Cannot update these configs dynamically"

/**
 * Kafka's sentence about changes of settings that Kafka can make while it runs and this broker cannot, as they act at its
 * start or not at all. Deliberate difference: to accept and keep what changes nothing would be untrue.
 */
export const refuseWithoutEffect = (changed: ReadonlyArray<string>): string | undefined => {
  const refused = changed.filter((name) => {
    const key = dynamicBrokerConfigDef.keys.get(name)
    return key !== undefined && !actsAtOnce(key)
  })
  return refused.length === 0 ? undefined : `${notDynamic}: [${refused.join(", ")}]`
}

/**
 * Kafka's sentence when these may not become the dynamic configs of a broker, or of all brokers; clients get it with
 * INVALID_REQUEST. Names that are not declared are let through. Source: DynamicBrokerConfig.validateConfigs.
 */
export const validateDynamicBrokerConfigs = (
  configs: ReadonlyMap<string, string>,
  options: { readonly isPerBroker: boolean }
): string | undefined => {
  const names = Array.from(configs.keys()).filter((name) => dynamicBrokerConfigDef.keys.has(name))
  const refuse = (message: string, offending: ReadonlyArray<string>): string | undefined =>
    offending.length === 0 ? undefined : `${message}: [${offending.join(", ")}]`
  const refusal = refuse(
    notDynamic,
    names.filter((name) => dynamicMode(name) === "read-only")
  ) ?? refuse(
    "These security configs can be dynamically updated only per-listener using the listener prefix",
    Array.from(configs.keys()).filter((name) => listenerOnly.has(name))
  )
  if (refusal !== undefined) return refusal
  for (const name of names) {
    const parsed = parseKey(dynamicBrokerConfigDef.keys.get(name)!, configs.get(name)!)
    if (Result.isFailure(parsed)) return parsed.failure
  }
  if (options.isPerBroker) return undefined
  return refuse(
    "Cannot update these configs at default cluster level, broker id must be specified",
    names.filter((name) => dynamicMode(name) === "per-broker")
  )
}
