import {
  type BrokerLoggersShape,
  type BrokerLogLevel,
  logLevels,
  makeBrokerLoggers,
  rootLogger
} from "@kafka-broker/core/tools"
import { Cause, Logger } from "effect"
import type { LogLevel } from "effect"

const names: Record<LogLevel.LogLevel, BrokerLogLevel> = {
  All: "TRACE",
  Trace: "TRACE",
  Debug: "DEBUG",
  Info: "INFO",
  Warn: "WARN",
  Error: "ERROR",
  Fatal: "FATAL",
  None: "FATAL"
}

/** Broker loggers that begin at Effect's level. */
export const loggersAt = (level: LogLevel.LogLevel): BrokerLoggersShape => makeBrokerLoggers(names[level])

const textOf = (message: unknown): string =>
  (Array.isArray(message) ? message : [message])
    .map((part) => typeof part === "string" ? part : part instanceof Error ? part.message : JSON.stringify(part))
    .join(" ")

/** What went wrong: an expected failure in its own words, a defect with where it came from. */
const reasonText = (cause: Cause.Cause<unknown>): string =>
  cause.reasons.every((reason) => reason._tag === "Fail" && reason.error instanceof Error)
    ? cause.reasons.map((reason) => reason._tag === "Fail" ? (reason.error as Error).message : "").join("; ")
    : Cause.pretty(cause)

/** One line to stderr for each message at or above the level that admin clients see and set. */
export const brokerLogger = (
  loggers: BrokerLoggersShape,
  write: (line: string) => void
): Logger.Logger<unknown, void> =>
  Logger.make(({ cause, date, logLevel, message }) => {
    const level = names[logLevel]
    const limit = loggers.levels().get(rootLogger) ?? "INFO"
    if (logLevels.indexOf(level) > logLevels.indexOf(limit)) return
    const reason = cause.reasons.length === 0 ? "" : `: ${reasonText(cause)}`
    write(`${date.toISOString()} ${level} ${textOf(message)}${reason}\n`)
  })
