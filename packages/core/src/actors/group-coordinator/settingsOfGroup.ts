import type { GroupSettings } from "../../config/broker-settings/GroupSettings.ts"

const numberOf = (configs: ReadonlyMap<string, string>, name: string, otherwise: number): number => {
  const text = configs.get(name)
  const value = text === undefined ? NaN : Number(text)
  return Number.isInteger(value) && value > 0 ? value : otherwise
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max)

/**
 * The settings of one group: its own configs (ConfigResource GROUP), within the broker's bounds, before the broker's.
 * Source: GroupConfigManager.
 */
export const settingsOfGroup = (
  broker: GroupSettings,
  configs: ReadonlyMap<string, string>
): GroupSettings => {
  if (configs.size === 0) return broker
  return {
    ...broker,
    consumerSessionTimeoutMs: clamp(
      numberOf(configs, "consumer.session.timeout.ms", broker.consumerSessionTimeoutMs),
      broker.consumerMinSessionTimeoutMs,
      broker.consumerMaxSessionTimeoutMs
    ),
    consumerHeartbeatIntervalMs: clamp(
      numberOf(configs, "consumer.heartbeat.interval.ms", broker.consumerHeartbeatIntervalMs),
      broker.consumerMinHeartbeatIntervalMs,
      broker.consumerMaxHeartbeatIntervalMs
    )
  }
}
