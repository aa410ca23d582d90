import { Context } from "effect"

/** Levels of Kafka's loggers, quietest first. Source: LogLevelConfig. */
export const logLevels = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"] as const
/** One of {@link logLevels}. */
export type BrokerLogLevel = (typeof logLevels)[number]

/** The one logger of this broker. */
export const rootLogger = "root"

/** The log levels that admin clients see and change under the resource type BROKER_LOGGER (KIP-412). */
export interface BrokerLoggersShape {
  /** Level by logger name; always has `root`. */
  readonly levels: () => ReadonlyMap<string, BrokerLogLevel>
  /** Changes the level of an existing logger until the process ends. */
  readonly setLevel: (logger: string, level: BrokerLogLevel) => void
}

/** Loggers whose levels are kept in memory; a host's logger asks `levels` before it writes. */
export const makeBrokerLoggers = (initial: BrokerLogLevel): BrokerLoggersShape => {
  let levels: ReadonlyMap<string, BrokerLogLevel> = new Map([[rootLogger, initial]])
  return {
    levels: () => levels,
    setLevel: (logger, level) => {
      levels = new Map([...levels, [logger, level]])
    }
  }
}

/** The loggers in use; one of their own at level INFO unless provided. */
export const BrokerLoggers = Context.Reference<BrokerLoggersShape>("@kafka-broker/core/config/BrokerLoggers", {
  defaultValue: () => makeBrokerLoggers("INFO")
})
