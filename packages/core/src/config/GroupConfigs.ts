import { Result } from "effect"
import { brokerConfigDef } from "./BrokerConfigs.ts"
import { boolean, configDef, int, parseAll, parseKey, string } from "./ConfigDef.ts"
import type { ConfigDef } from "./ConfigDef.ts"
import { atLeast, oneOf } from "./ConfigValidator.ts"
import type { ConfigValidator } from "./ConfigValidator.ts"
import { invalidValue, showValue } from "./ConfigValue.ts"
import { atOnce, noEffect } from "./SettingEffect.ts"

const duration = /^by_duration:P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$/i

/** Source: ShareGroupAutoOffsetResetStrategy.Validator. */
const offsetResetStrategy: ConfigValidator = {
  check: (name, value) => {
    const text = showValue(value)
    if (text === "earliest" || text === "latest" || duration.test(text)) return undefined
    const forms = "either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'"
    return invalidValue(name, text, `Invalid value \`${text}\` for configuration ${name}. The value must be ${forms}.`)
  }
}

/** The configs of a consumer, share or streams group. Source: GroupConfig. */
export const groupConfigDef: ConfigDef = configDef([
  int(
    "consumer.session.timeout.ms",
    "45000",
    "Session timeout in milliseconds of a consumer group's members.",
    atOnce,
    atLeast(1)
  ),
  int(
    "consumer.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval in milliseconds of a consumer group's members.",
    atOnce,
    atLeast(1)
  ),
  int(
    "consumer.assignment.interval.ms",
    "1000",
    "Least milliseconds between assignments of a consumer group.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  int(
    "share.session.timeout.ms",
    "45000",
    "Session timeout in milliseconds of a share group's members.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "share.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval in milliseconds of a share group's members.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "share.record.lock.duration.ms",
    "30000",
    "Milliseconds a record is locked for one delivery.",
    noEffect.noShareGroups,
    atLeast(1000)
  ),
  int(
    "share.delivery.count.limit",
    "5",
    "Deliveries of a record before it is given up.",
    noEffect.noShareGroups,
    atLeast(2)
  ),
  int(
    "share.partition.max.record.locks",
    "2000",
    "Most locked records per partition.",
    noEffect.noShareGroups,
    atLeast(100)
  ),
  string(
    "share.auto.offset.reset",
    "latest",
    "Where a share group begins to read a partition.",
    noEffect.noShareGroups,
    offsetResetStrategy
  ),
  int(
    "share.assignment.interval.ms",
    "1000",
    "Least milliseconds between assignments of a share group.",
    noEffect.noShareGroups,
    atLeast(0)
  ),
  string(
    "share.isolation.level",
    "read_uncommitted",
    "Whether a share group sees records of open transactions.",
    noEffect.noShareGroups,
    oneOf("read_committed", "read_uncommitted")
  ),
  boolean(
    "share.renew.acknowledge.enable",
    "true",
    "Whether members may renew the lock of a record.",
    noEffect.noShareGroups
  ),
  int(
    "streams.session.timeout.ms",
    "45000",
    "Session timeout in milliseconds of a streams group's members.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "streams.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval in milliseconds of a streams group's members.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int("streams.num.standby.replicas", "0", "Standby replicas of each task.", noEffect.noStreamsGroups, atLeast(0)),
  int(
    "streams.initial.rebalance.delay.ms",
    "3000",
    "Milliseconds the first rebalance of a streams group waits.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "streams.assignment.interval.ms",
    "1000",
    "Least milliseconds between assignments of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(0)
  )
])

/** The broker setting that is a group config's default and carries its bounds, when there is one. */
export const groupConfigSynonym = (name: string): string | undefined => {
  const synonym = `group.${name}`
  return brokerConfigDef.keys.has(synonym) ? synonym : undefined
}

/** `consumer.session.timeout.ms` is bounded by `group.consumer.min.session.timeout.ms`. */
const boundName = (name: string, bound: "min" | "max"): string => {
  const [protocol, ...rest] = name.split(".")
  // Source: GroupCoordinatorConfig: the bound of num.standby.replicas drops "num".
  const tail = rest[0] === "num" ? rest.slice(1) : rest
  return `group.${protocol}.${bound}.${tail.join(".")}`
}

const brokerNumber = (properties: ReadonlyMap<string, string>, name: string): number | undefined => {
  const key = brokerConfigDef.keys.get(name)
  if (key === undefined) return undefined
  const value = parseKey(key, properties.get(name) ?? key.defaultText ?? null)
  return Result.isSuccess(value) && value.success !== null ? Number(value.success) : undefined
}

/** What a group's configs are when it does not set them. Source: GroupCoordinatorConfig.extractGroupConfigMap. */
export const groupDefaults = (properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const defaults = new Map<string, string>()
  for (const key of groupConfigDef.keys.values()) {
    const synonym = groupConfigSynonym(key.name)
    const value = synonym === undefined ? undefined : brokerNumber(properties, synonym)
    defaults.set(key.name, value === undefined ? key.defaultText ?? "" : String(value))
  }
  return defaults
}

/**
 * Kafka's sentence when a group may not have these configs; `properties` are the broker settings in force.
 * Source: GroupConfig.validate.
 */
export const validateGroupConfigs = (
  configs: ReadonlyMap<string, string>,
  properties: ReadonlyMap<string, string>
): string | undefined => {
  for (const name of configs.keys()) {
    if (!groupConfigDef.keys.has(name)) return `Unknown group config name: ${name}`
  }
  const parsed = parseAll(groupConfigDef, new Map([...groupDefaults(properties), ...configs]))
  if (Result.isFailure(parsed)) return parsed.failure
  for (const [name, value] of parsed.success) {
    if (typeof value !== "number") continue
    const minName = boundName(name, "min")
    const min = brokerNumber(properties, minName)
    if (min !== undefined && value < min) return `${name} must be greater than or equal to ${minName}`
    const maxName = boundName(name, "max")
    const max = brokerNumber(properties, maxName)
    if (max !== undefined && value > max) return `${name} must be less than or equal to ${maxName}`
  }
  for (const protocol of ["consumer", "share", "streams"]) {
    const session = `${protocol}.session.timeout.ms`
    const heartbeat = `${protocol}.heartbeat.interval.ms`
    if (Number(parsed.success.get(session)) <= Number(parsed.success.get(heartbeat))) {
      return `${session} must be greater than ${heartbeat}`
    }
  }
  return undefined
}
