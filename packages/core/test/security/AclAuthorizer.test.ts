import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import type { AclBinding } from "../../src/security/Acl.ts"
import { makeAclAuthorizer } from "../../src/security/AclAuthorizer.ts"
import type { AclRules } from "../../src/security/AclAuthorizer.ts"

const operations = ["READ", "WRITE", "DELETE", "ALTER", "DESCRIBE", "ALTER_CONFIGS", "DESCRIBE_CONFIGS"] as const
const principals = ["User:a", "User:b", "User:*"]
const names = ["x", "xy", "xyz", "y"]

const bindings = FastCheck.record<AclBinding>({
  resourceType: FastCheck.constantFrom("TOPIC", "GROUP"),
  resourceName: FastCheck.constantFrom("*", ...names),
  patternType: FastCheck.constantFrom("LITERAL", "PREFIXED"),
  principal: FastCheck.constantFrom(...principals),
  host: FastCheck.constantFrom("*", "h1", "h2"),
  operation: FastCheck.constantFrom("ALL", ...operations),
  permissionType: FastCheck.constantFrom("ALLOW", "DENY")
})

const implied: Record<string, ReadonlyArray<string>> = {
  DESCRIBE: ["READ", "WRITE", "DELETE", "ALTER"],
  DESCRIBE_CONFIGS: ["ALTER_CONFIGS"]
}

/** The rules read off Kafka's documentation, one binding at a time, without any index. */
const model = (
  rules: AclRules,
  who: string,
  host: string,
  operation: string,
  type: string,
  name: string
): boolean => {
  if (rules.superUsers.includes(who)) return true
  const onResource = rules.bindings.filter((it) =>
    it.resourceType === type &&
    (it.patternType === "PREFIXED"
      ? name.startsWith(it.resourceName)
      : it.resourceName === name || it.resourceName === "*")
  )
  if (onResource.length === 0) return rules.allowEveryoneIfNoAclFound
  const mine = onResource.filter((it) => ["User:*", who].includes(it.principal) && ["*", host].includes(it.host))
  const names = (it: AclBinding): boolean => it.operation === "ALL" || it.operation === operation
  if (mine.some((it) => it.permissionType === "DENY" && names(it))) return false
  return mine.some((it) =>
    it.permissionType === "ALLOW" && (names(it) || (implied[operation] ?? []).includes(it.operation))
  )
}

const allow = (binding: Partial<AclBinding>): AclBinding => ({
  resourceType: "TOPIC",
  resourceName: "x",
  patternType: "LITERAL",
  principal: "User:a",
  host: "*",
  operation: "WRITE",
  permissionType: "ALLOW",
  ...binding
})

const a = { type: "User", name: "a" }

const someWrite = (list: ReadonlyArray<AclBinding>, rules: Partial<AclRules> = {}): boolean =>
  makeAclAuthorizer({ bindings: list, superUsers: [], allowEveryoneIfNoAclFound: false, ...rules })
    .authorizeByResourceType(a, "h1", "WRITE", "TOPIC")

describe("makeAclAuthorizer", () => {
  it("decides every request as the plain reading of the rules does", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.record({
          bindings: FastCheck.array(bindings, { maxLength: 8 }),
          superUsers: FastCheck.subarray(["User:b"]),
          allowEveryoneIfNoAclFound: FastCheck.boolean()
        }),
        (rules) => {
          const authorizer = makeAclAuthorizer(rules)
          for (const name of names) {
            for (const who of ["a", "b"]) {
              for (const operation of operations) {
                assert.strictEqual(
                  authorizer.authorize({ type: "User", name: who }, "h1", operation, "TOPIC", name),
                  model(rules, `User:${who}`, "h1", operation, "TOPIC", name)
                )
              }
            }
          }
        }
      ),
      { seed: 1, numRuns: 500 }
    )
  })

  it("finds some resource of a type unless every ALLOW is wholly denied", () => {
    assert.isFalse(someWrite([]))
    assert.isTrue(someWrite([allow({})]))
    assert.isTrue(someWrite([allow({ resourceName: "*" })]))
    assert.isFalse(someWrite([allow({}), allow({ permissionType: "DENY" })]))
    assert.isFalse(someWrite([allow({}), allow({ permissionType: "DENY", resourceName: "*" })]))
    assert.isFalse(someWrite([
      allow({ resourceName: "xy", patternType: "PREFIXED" }),
      allow({ permissionType: "DENY", patternType: "PREFIXED" })
    ]))
    // A literal DENY leaves the rest of the prefix.
    assert.isTrue(someWrite([allow({ patternType: "PREFIXED" }), allow({ permissionType: "DENY" })]))
    assert.isFalse(someWrite([allow({ principal: "User:b" })]))
  })

  it("lets super users and the rule for resources without ACLs through", () => {
    const denied = [allow({ permissionType: "DENY", resourceName: "*" })]
    assert.isTrue(someWrite(denied, { superUsers: ["User:a"] }))
    assert.isTrue(someWrite([], { allowEveryoneIfNoAclFound: true }))
    assert.isFalse(someWrite(denied, { allowEveryoneIfNoAclFound: true }))
  })
})
