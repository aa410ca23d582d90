import type { SettingValues } from "./SettingValues.ts"

/** Which authorizer decides; see `AclAuthorizer`. */
export interface AuthorizerSettings {
  /** False: everything is allowed. */
  readonly enabled: boolean
  /** In Kafka's form, `User:name`. */
  readonly superUsers: ReadonlyArray<string>
  readonly allowEveryoneIfNoAclFound: boolean
  /** Path of the JSON file with ACL bindings, or null. */
  readonly aclFile: string | null
}

/** An ACL file turns the authorizer on, as its class name does. */
export const authorizerSettings = (values: SettingValues): AuthorizerSettings => {
  const aclFile = values.nullable("kafka.broker.acl.file")
  return {
    enabled: aclFile !== null || values.string("authorizer.class.name") !== "",
    superUsers: values.string("super.users").split(";").map((user) => user.trim()).filter((user) => user !== ""),
    allowEveryoneIfNoAclFound: values.boolean("allow.everyone.if.no.acl.found"),
    aclFile
  }
}
