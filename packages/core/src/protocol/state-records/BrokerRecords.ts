import { defineRecord } from "../schema/defineRecord.ts"
import { Wire } from "../schema/Wire.ts"

const endPoint = {
  name: Wire.string,
  host: Wire.string,
  port: Wire.uint16,
  securityProtocol: Wire.int16
}

const feature = {
  name: Wire.string,
  minSupportedVersion: Wire.int16,
  maxSupportedVersion: Wire.int16
}

/**
 * A broker registered. 1: controlled shutdown (KIP-841); 2: migrating from ZooKeeper (KIP-866); 3: log directories
 * (KIP-858); 4: cordoned ones.
 */
export const RegisterBrokerRecord = defineRecord({
  key: 0,
  name: "RegisterBrokerRecord",
  versions: "0-4",
  flexible: "0+",
  fields: {
    brokerId: Wire.int32,
    isMigratingZkBroker: Wire.boolean.in("2+").default(false),
    incarnationId: Wire.uuid,
    brokerEpoch: Wire.int64,
    endPoints: Wire.array(endPoint),
    features: Wire.array(feature),
    rack: Wire.nullableString,
    fenced: Wire.boolean.default(true),
    inControlledShutdown: Wire.boolean.in("1+").default(false),
    logDirs: Wire.arrayOf(Wire.uuid).tag(0, "3+"),
    cordonedLogDirs: Wire.arrayOf(Wire.uuid).nullable().default(null).tag(1, "4+")
  }
})

/** A broker's registration was removed. */
export const UnregisterBrokerRecord = defineRecord({
  key: 1,
  name: "UnregisterBrokerRecord",
  versions: "0",
  flexible: "0+",
  fields: { brokerId: Wire.int32, brokerEpoch: Wire.int64 }
})

/** A broker was fenced; replaced by BrokerRegistrationChangeRecord, but read from old logs. */
export const FenceBrokerRecord = defineRecord({
  key: 7,
  name: "FenceBrokerRecord",
  versions: "0",
  flexible: "0+",
  fields: { id: Wire.int32, epoch: Wire.int64 }
})

/** A broker was unfenced; replaced by BrokerRegistrationChangeRecord, but read from old logs. */
export const UnfenceBrokerRecord = defineRecord({
  key: 8,
  name: "UnfenceBrokerRecord",
  versions: "0",
  flexible: "0+",
  fields: { id: Wire.int32, epoch: Wire.int64 }
})

/** Parts of a broker's registration changed. `fenced`: 1 fenced, -1 unfenced, 0 as before. */
export const BrokerRegistrationChangeRecord = defineRecord({
  key: 17,
  name: "BrokerRegistrationChangeRecord",
  versions: "0-3",
  flexible: "0+",
  fields: {
    brokerId: Wire.int32,
    brokerEpoch: Wire.int64,
    fenced: Wire.int8.tag(0, "0+"),
    inControlledShutdown: Wire.int8.tag(1, "1+"),
    logDirs: Wire.arrayOf(Wire.uuid).tag(2, "2+"),
    cordonedLogDirs: Wire.arrayOf(Wire.uuid).nullable().default(null).tag(3, "3+")
  }
})

/** A controller registered (KIP-919). */
export const RegisterControllerRecord = defineRecord({
  key: 27,
  name: "RegisterControllerRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    controllerId: Wire.int32,
    incarnationId: Wire.uuid,
    zkMigrationReady: Wire.boolean,
    endPoints: Wire.array(endPoint),
    features: Wire.array(feature)
  }
})
