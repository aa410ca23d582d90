import type { MetadataRecord } from "./MetadataRecord.ts"

/** What a record does to the part of the image that is only kept: it is the newest under its key, or ends it. */
export interface OtherRecord {
  readonly key: string
  readonly isRemoved: boolean
}

const key = (...parts: ReadonlyArray<unknown>): string => JSON.stringify(parts)

/**
 * Records of things that nothing here acts on: they are kept as they are, so that a snapshot loses nothing that another
 * broker wrote. Undefined: the record leaves nothing. Source: org.apache.kafka.image.MetadataDelta.replay.
 */
export const otherRecord = (record: MetadataRecord): OtherRecord | undefined => {
  switch (record._tag) {
    case "AccessControlEntry":
      return { key: key("acl", record.id), isRemoved: false }
    case "RemoveAccessControlEntry":
      return { key: key("acl", record.id), isRemoved: true }
    case "UserScramCredential":
      return { key: key("scram", record.name, record.mechanism), isRemoved: false }
    case "RemoveUserScramCredential":
      return { key: key("scram", record.name, record.mechanism), isRemoved: true }
    case "DelegationToken":
      return { key: key("token", record.tokenId), isRemoved: false }
    case "RemoveDelegationToken":
      return { key: key("token", record.tokenId), isRemoved: true }
    case "ClientQuota": {
      const entity = record.entity.map(({ entityName, entityType }) => [entityType, entityName])
        .sort(([a], [b]) => a! < b! ? -1 : 1)
      return { key: key("quota", entity, record.key), isRemoved: record.remove }
    }
    case "RegisterController":
      return { key: key("controller", record.controllerId), isRemoved: false }
    case "ZkMigrationState":
      return { key: key("zookeeper"), isRemoved: false }
    default:
      return undefined
  }
}
