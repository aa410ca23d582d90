/** The broker, its settings, its client and its errors. Seams are in `@kafka-broker/core/seams`, the wire protocol in `/protocol`. */
export { RequestObserver, type SeenRequest } from "./actors/connection/RequestObserver.ts"
export { KafkaBroker, type KafkaBrokerShape, type RunningListener } from "./broker/KafkaBroker.ts"
export type { BrokerStartError } from "./broker/layerActors.ts"
export { makeProcessMemory, type ProcessMemory } from "./broker/processMemory.ts"
export type { BrokerClient } from "./client/BrokerClient.ts"
export type { ConsumeOptions } from "./client/consume.ts"
export type { ConsumeAsOptions, GroupRecord } from "./client/consumeAs.ts"
export type { ConsumedRecord } from "./client/ConsumedRecord.ts"
export type { GroupOffset, OffsetReset, PartitionLag } from "./client/groupOffsets.ts"
export type { GroupDescription, GroupListing, GroupMemberDescription } from "./client/groups.ts"
export { KafkaError } from "./client/KafkaError.ts"
export type { PartitionOffsets } from "./client/partitionOffsets.ts"
export type { ProducedRecord, ProducerRecord } from "./client/produce.ts"
export type { NewTopic, TopicDescription } from "./client/topics.ts"
export { BrokerConfig, BrokerConfigError } from "./config/BrokerConfig.ts"
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
export { dumpLogFile } from "./inspect/dumpLogFile.ts"
export { LogDirectory, LogDirectoryError } from "./log/LogDirectory.ts"
export { AclFile } from "./security/Acl.ts"
export { aclAuthorizerLayer } from "./security/AclAuthorizer.ts"
export { Authorizer } from "./security/Authorizer.ts"
