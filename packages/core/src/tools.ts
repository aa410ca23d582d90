/** What an operator's tools need of the broker and a host does not: names of settings, loggers, the data directory, dumps. */
export { isBrokerConfigName } from "./config/BrokerConfigs.ts"
export {
  BrokerLoggers,
  type BrokerLoggersShape,
  type BrokerLogLevel,
  logLevels,
  makeBrokerLoggers,
  rootLogger
} from "./config/BrokerLoggers.ts"
export { closestName } from "./config/closestName.ts"
export { dumpLogFile, type DumpOptions } from "./inspect/dumpLogFile.ts"
export { LogDirectory, type LogDirectoryOptions, type LogDirectoryShape } from "./log/LogDirectory.ts"
export { AclBinding, AclFile } from "./security/Acl.ts"
