/**
 * The broker, its settings, its client and its errors. What the broker takes from its machine is in
 * `@kafka-broker/core/seams`, the wire protocol in `/protocol`, what only tools of an operator need in `/tools`.
 */
export { RequestObserver } from "./actors/connection/RequestObserver.ts"
export { KafkaBroker } from "./broker/KafkaBroker.ts"
export type { BrokerStartError } from "./broker/layerActors.ts"
export type { BrokerClient } from "./client/BrokerClient.ts"
export type * as Client from "./client/index.ts"
export { KafkaError } from "./client/KafkaError.ts"
export { BrokerConfig, BrokerConfigError } from "./config/BrokerConfig.ts"
export type { SettingsInput } from "./config/SettingsInput.ts"
export { AclAuthorizer } from "./security/AclAuthorizer.ts"
export { Authorizer } from "./security/Authorizer.ts"
export type { Principal } from "./security/Principal.ts"
