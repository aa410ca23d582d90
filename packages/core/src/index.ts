/** The broker, its configuration and its errors. The seams are in `./seams`, the wire protocol in `./protocol`. */
export { RequestObserver, type SeenRequest } from "./actors/connection/RequestObserver.ts"
export { KafkaBroker, type KafkaBrokerShape, type RunningListener } from "./broker/KafkaBroker.ts"
export type { BrokerStartError } from "./broker/layerActors.ts"
export type {
  BrokerClient,
  ConsumedRecord,
  ConsumeOptions,
  NewTopic,
  PartitionOffsets,
  ProducedRecord,
  ProducerRecord,
  TopicDescription
} from "./client/BrokerClient.ts"
export { KafkaError } from "./client/KafkaError.ts"
export { BrokerConfig, BrokerConfigError, type BrokerSettings, brokerSettings } from "./config/BrokerConfig.ts"
export { isBrokerConfigName } from "./config/BrokerConfigs.ts"
export {
  BrokerLoggers,
  type BrokerLoggersShape,
  type BrokerLogLevel,
  logLevels,
  makeBrokerLoggers,
  rootLogger
} from "./config/BrokerLoggers.ts"
export { dumpLogFile, type DumpOptions } from "./inspect/dumpLogFile.ts"
export { FileLogStore, type FileLogStoreOptions } from "./log/FileLogStore.ts"
export { LogDirectory, LogDirectoryError, type LogDirectoryOptions } from "./log/LogDirectory.ts"
export { LogStore, LogStoreError } from "./log/LogStore.ts"
export {
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  ownCodecs
} from "./protocol/records/Compression.ts"
export { Compression } from "./seams/Compression.ts"
export {
  type BoundListener,
  type ByteConnection,
  type ByteConnectionEvents,
  ListenError,
  Listener
} from "./seams/Listener.ts"
export { type DirectoryEntry, type LogFile, LogFiles, LogFilesError, LogFilesReason } from "./seams/LogFiles.ts"
export { makeMemoryVolume, MemoryLogFiles, type MemoryVolume } from "./seams/MemoryLogFiles.ts"
export { Tick } from "./seams/Tick.ts"
export { AclFile } from "./security/Acl.ts"
export { aclAuthorizerLayer } from "./security/AclAuthorizer.ts"
export { Authorizer } from "./security/Authorizer.ts"
