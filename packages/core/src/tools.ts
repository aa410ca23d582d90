import { brokerConfigDef } from "./config/BrokerConfigs.ts"
import type { ConfigKey } from "./config/ConfigDef.ts"
import { groupConfigDef } from "./config/GroupConfigs.ts"
import { topicConfigDef } from "./config/TopicConfigs.ts"

/** What an operator's tools need of the broker and a host does not: names of settings, loggers, the data directory, dumps. */
export { makeBrokerClient } from "./client/BrokerClient.ts"
export type { ClientEndpoint } from "./client/ClientConnection.ts"
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
export { propertiesOf } from "./config/SettingsInput.ts"
export { dumpLogFile, type DumpOptions } from "./inspect/dumpLogFile.ts"
export { LogDirectory, type LogDirectoryOptions, type LogDirectoryShape } from "./log/LogDirectory.ts"
export type { Damage, Finding, RepairChoice, RepairOption } from "./repair/Finding.ts"
export { allowedOption, repairDirectory, type RepairOptions } from "./repair/repairDirectory.ts"
export { type Verified, verifyDirectory, type VerifyOptions } from "./repair/verifyDirectory.ts"
export { AclBinding, AclFile } from "./security/Acl.ts"

/** A setting as it is declared. */
export type Setting = Omit<ConfigKey, "validator">

/** Every setting of the broker that is known. */
export const settings: ReadonlyArray<Setting> = [...brokerConfigDef.keys.values()]
/** Every config of a topic. */
export const topicSettings: ReadonlyArray<Setting> = [...topicConfigDef.keys.values()]
/** Every config of a group. */
export const groupSettings: ReadonlyArray<Setting> = [...groupConfigDef.keys.values()]
