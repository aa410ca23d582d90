import { brokerText } from "./BrokerProperties.ts"

type Properties = ReadonlyMap<string, string>

/** Sizes of thread pools. Nothing here has threads, but who alters them is told what Kafka would say. */
const threadCounts = [
  "num.network.threads",
  "num.io.threads",
  "num.replica.fetchers",
  "num.recovery.threads.per.data.dir",
  "background.threads"
]

const mebibyte = 1_048_576

const numberOf = (properties: Properties, name: string): number => Number(brokerText(properties, name))

/** What one value demands of itself or of another. Source: AbstractKafkaConfig.validateValues. */
const failedRequirement = (next: Properties): string | undefined => {
  if (next.has("log.roll.ms") && numberOf(next, "log.roll.ms") < 1) {
    return "log.roll.ms must be greater than or equal to 1"
  }
  if (next.has("log.roll.jitter.ms") && numberOf(next, "log.roll.jitter.ms") < 0) {
    return "log.roll.jitter.ms must be greater than or equal to 0"
  }
  if (next.has("log.retention.ms") && numberOf(next, "log.retention.ms") === 0) {
    return "log.retention.ms must be unlimited (-1) or, greater than or equal to 1"
  }
  const perCleaner = numberOf(next, "log.cleaner.dedupe.buffer.size") / numberOf(next, "log.cleaner.threads")
  if (perCleaner <= mebibyte) return "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread."
  if (numberOf(next, "max.connections.per.ip") === 0 && brokerText(next, "max.connections.per.ip.overrides") === "") {
    return "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set."
  }
  return undefined
}

/** Kafka's sentence about an entry of `max.connections.per.ip.overrides`. Source: CoreUtils.parseCsvMap, Integer.parseInt. */
const unreadableOverride = (next: Properties): string | undefined => {
  const name = "max.connections.per.ip.overrides"
  for (const entry of (brokerText(next, name) ?? "").split(",").map((text) => text.trim())) {
    if (entry === "") continue
    const colon = entry.lastIndexOf(":")
    if (colon < 0) {
      return `Error parsing configuration property '${name}': begin 0, end -1, length ${entry.length}`
    }
    const count = entry.slice(colon + 1).trim()
    if (!/^[+-]?\d+$/.test(count)) return `For input string: "${count}"`
  }
  return undefined
}

/** Source: LogCleaner.validateReconfiguration. */
const refusedCleaners = (before: number, after: number): string | undefined => {
  if (after < 1) return "Log cleaner threads should be at least 1"
  if (after < Math.floor(before / 2)) {
    return `Log cleaner threads cannot be reduced to less than half the current value ${before}`
  }
  return after > before * 2
    ? `Log cleaner threads cannot be increased to more than double the current value ${before}`
    : undefined
}

/** Source: DynamicThreadPool.validateReconfiguration. */
const refusedThreads = (name: string, before: number, after: number): string | undefined => {
  const refusal = `Dynamic thread count update validation failed for ${name}=${after}, value should`
  if (after < Math.floor(before / 2)) return `${refusal} be at least half the current value ${before}`
  return after > before * 2 ? `${refusal} not be greater than double the current value ${before}` : undefined
}

/**
 * Kafka's sentence when a running broker may not go from these settings to those, both as they are in force; each value
 * by itself is valid. Clients get it with INVALID_REQUEST. Source: DynamicBrokerConfig.processReconfiguration.
 */
export const validateBrokerReconfiguration = (current: Properties, next: Properties): string | undefined => {
  const requirement = failedRequirement(next)
  // What the broker was started with, its administrator cannot be told to have set now.
  if (requirement !== undefined && requirement !== failedRequirement(current)) {
    return `requirement failed: ${requirement}`
  }
  const override = unreadableOverride(next)
  if (override !== undefined && override !== unreadableOverride(current)) return override
  const changes = (name: string): readonly [number, number] => [numberOf(current, name), numberOf(next, name)]
  const [maxBefore, maxAfter] = changes("max.connections")
  const refusal = (maxAfter <= 0 && maxBefore > 0 ? `Invalid max.connections ${maxAfter}` : undefined) ??
    refusedCleaners(...changes("log.cleaner.threads")) ??
    threadCounts.map((name) => refusedThreads(name, ...changes(name))).find((each) => each !== undefined)
  return refusal === undefined
    ? undefined
    : `Invalid value org.apache.kafka.common.config.ConfigException: ${refusal} for configuration ` +
      "Invalid dynamic configuration"
}
