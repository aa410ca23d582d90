import type { ConfigChange } from "../../actors/controller/alterConfigs.ts"
import { logLevels, rootLogger } from "../../config/BrokerLoggers.ts"
import type { BrokerLoggersShape, BrokerLogLevel } from "../../config/BrokerLoggers.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { errorMessage } from "../../model/errorMessage.ts"
import { invalidConfig, invalidRequest, noError, refuseOtherNode } from "./ConfigResource.ts"
import type { ResourceError } from "./ConfigResource.ts"

const isLevel = (text: string | null): text is BrokerLogLevel => logLevels.some((level) => level === text)

/** Source: RuntimeLoggerManager.validateLogLevelConfigs. */
const refuse = (loggers: BrokerLoggersShape, change: ConfigChange): ResourceError | undefined => {
  const { name, operation, value } = change
  if (operation === "APPEND" || operation === "SUBTRACT") {
    return invalidRequest(`${operation} operation is not allowed for the BROKER_LOGGER resource`)
  }
  if (!loggers.levels().has(name)) return invalidConfig(`Logger ${name} does not exist!`)
  if (operation === "DELETE") {
    return name === rootLogger
      ? invalidRequest("Removing the log level of the root logger is not allowed")
      : undefined
  }
  if (isLevel(value)) return undefined
  const levels = Array.from(logLevels).sort().join(", ")
  return invalidConfig(
    `Cannot set the log level of ${name} to ${value} as it is not a supported log level. Valid log levels are ${levels}`
  )
}

/** Changes log levels, all or none. Source: RuntimeLoggerManager.applyChangesForResource. */
export const changeLoggers = (
  loggers: BrokerLoggersShape,
  resourceName: string,
  changes: ReadonlyArray<ConfigChange>,
  options: { readonly nodeId: number; readonly validateOnly: boolean; readonly isAuthorized: boolean }
): ResourceError => {
  if (!options.isAuthorized) {
    const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    return { errorCode, errorMessage: errorMessage(errorCode) }
  }
  const refusal = refuseOtherNode(resourceName, options.nodeId) ??
    changes.map((change) => refuse(loggers, change)).find((error) => error !== undefined)
  if (refusal !== undefined) return refusal
  if (options.validateOnly) return noError
  for (const { name, value } of changes) if (isLevel(value)) loggers.setLevel(name, value)
  return noError
}
