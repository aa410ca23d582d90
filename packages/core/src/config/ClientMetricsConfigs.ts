import { Result } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import { anyList } from "./ConfigValidator.ts"
import { configDef, int, list, parseAll } from "./ConfigDef.ts"
import type { ConfigDef } from "./ConfigDef.ts"
import { noEffect } from "./SettingEffect.ts"

/** The configs of a client metrics subscription (KIP-714). Source: ClientMetricsConfigs. */
export const clientMetricsConfigDef: ConfigDef = configDef([
  list("metrics", "", "Prefixes of the metric names clients push; * is all of them.", noEffect.noMetrics, anyList),
  int("interval.ms", "300000", "Milliseconds between two pushes of a client.", noEffect.noMetrics),
  list("match", "", "Patterns, as selector=expression, that a client must match.", noEffect.noMetrics, anyList)
])

const intervalMinMs = 100
const intervalMaxMs = 3_600_000

const selectors = new Set([
  "client_instance_id",
  "client_id",
  "client_software_name",
  "client_software_version",
  "client_source_address",
  "client_source_port"
])

const isRegExp = (text: string): boolean => Result.isSuccess(Result.try(() => new RegExp(text, "u")))

const isPattern = (pattern: string): boolean => {
  const at = pattern.indexOf("=")
  return at > 0 && selectors.has(pattern.slice(0, at).trim()) && isRegExp(pattern.slice(at + 1).trim())
}

/** Kafka's code and sentence when a subscription may not have these configs. Source: ClientMetricsConfigs.validate. */
export const validateClientMetricsConfigs = (
  configs: ReadonlyMap<string, string>
): { readonly errorCode: ErrorCode; readonly errorMessage: string } | undefined => {
  const invalidRequest = (errorMessage: string) => ({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
  const invalidConfig = (errorMessage: string) => ({ errorCode: ErrorCode.INVALID_CONFIG, errorMessage })
  for (const name of configs.keys()) {
    if (!clientMetricsConfigDef.keys.has(name)) return invalidRequest(`Unknown client metrics configuration: ${name}`)
  }
  const parsed = parseAll(clientMetricsConfigDef, configs)
  if (Result.isFailure(parsed)) return invalidConfig(parsed.failure)
  const interval = Number(parsed.success.get("interval.ms"))
  if (interval < intervalMinMs || interval > intervalMaxMs) {
    const bounds = `interval must be between ${intervalMinMs} and ${intervalMaxMs} (1 hour)`
    return invalidRequest(`Invalid value ${interval} for interval.ms, ${bounds}`)
  }
  const illegal = (parsed.success.get("match") as ReadonlyArray<string>).find((pattern) => !isPattern(pattern))
  return illegal === undefined ? undefined : invalidConfig(`Illegal client matching pattern: ${illegal}`)
}
