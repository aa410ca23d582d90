export type { BrokerOptions } from "./BrokerOptions.ts"
export { checkDataDirectory, DataDirectoryError } from "./checkDataDirectory.ts"
export * as NodeCompression from "./NodeCompression.ts"
export { NodeKafkaBroker, type NodeKafkaBrokerError, type NodeKafkaBrokerOptions } from "./NodeKafkaBroker.ts"
export { NodeListener } from "./NodeListener.ts"
export { NodeLogFiles } from "./NodeLogFiles.ts"
export { NodeTick } from "./NodeTick.ts"
export { runMain, type RunMainOptions } from "./runMain.ts"
export { parseServerProperties } from "./ServerProperties.ts"
export { SocketDuplex } from "./SocketDuplex.ts"
export {
  type CallOptions,
  type MemberRecord,
  type PromiseClient,
  type PromiseTopic,
  startBroker,
  type StartBrokerOptions,
  type StartedBroker
} from "./startBroker.ts"
