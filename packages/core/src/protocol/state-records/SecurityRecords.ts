import { defineRecord } from "../schema/defineRecord.ts"
import { Wire } from "../schema/Wire.ts"

/** An access control entry was added. */
export const AccessControlEntryRecord = defineRecord({
  key: 18,
  name: "AccessControlEntryRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    id: Wire.uuid,
    resourceType: Wire.int8,
    resourceName: Wire.string,
    patternType: Wire.int8,
    principal: Wire.string,
    host: Wire.string,
    operation: Wire.int8,
    permissionType: Wire.int8
  }
})

/** An access control entry was removed. */
export const RemoveAccessControlEntryRecord = defineRecord({
  key: 19,
  name: "RemoveAccessControlEntryRecord",
  versions: "0",
  flexible: "0+",
  fields: { id: Wire.uuid }
})

/** SCRAM credentials of a user were set (KIP-900). */
export const UserScramCredentialRecord = defineRecord({
  key: 11,
  name: "UserScramCredentialRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    name: Wire.string,
    mechanism: Wire.int8,
    salt: Wire.bytes,
    storedKey: Wire.bytes,
    serverKey: Wire.bytes,
    iterations: Wire.int32
  }
})

/** SCRAM credentials of a user were removed (KIP-900). */
export const RemoveUserScramCredentialRecord = defineRecord({
  key: 22,
  name: "RemoveUserScramCredentialRecord",
  versions: "0",
  flexible: "0+",
  fields: { name: Wire.string, mechanism: Wire.int8 }
})

/** A delegation token was created or renewed (KIP-900). */
export const DelegationTokenRecord = defineRecord({
  key: 10,
  name: "DelegationTokenRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    owner: Wire.string,
    requester: Wire.string,
    renewers: Wire.arrayOf(Wire.string),
    issueTimestamp: Wire.int64,
    maxTimestamp: Wire.int64,
    expirationTimestamp: Wire.int64,
    tokenId: Wire.string
  }
})

/** A delegation token was removed (KIP-900). */
export const RemoveDelegationTokenRecord = defineRecord({
  key: 26,
  name: "RemoveDelegationTokenRecord",
  versions: "0",
  flexible: "0+",
  fields: { tokenId: Wire.string }
})

/** A client quota was set or removed. */
export const ClientQuotaRecord = defineRecord({
  key: 14,
  name: "ClientQuotaRecord",
  versions: "0",
  flexible: "0+",
  fields: {
    entity: Wire.array({ entityType: Wire.string, entityName: Wire.nullableString }),
    key: Wire.string,
    value: Wire.float64,
    remove: Wire.boolean
  }
})
