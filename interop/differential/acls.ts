import { writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { apis } from "@kafka-broker/core/protocol"
import { startApacheKafka } from "../src/ApacheKafka.ts"
import type { Broker } from "../src/Broker.ts"
import { startOurBroker } from "../src/OurBroker.ts"
import { makeWorkFolder } from "../src/Paths.ts"
import { Probe } from "./Probe.ts"

type Acl = readonly [
  type: keyof typeof resourceTypes,
  pattern: keyof typeof patternTypes,
  name: string,
  principal: string,
  operation: keyof typeof operations
]

/** Numbers of Kafka's enums. */
const resourceTypes = { TOPIC: 2, GROUP: 3, CLUSTER: 4, TRANSACTIONAL_ID: 5 } as const
const patternTypes = { LITERAL: 3, PREFIXED: 4 } as const
const operations = { ALL: 2, READ: 3, WRITE: 4, CREATE: 5, DELETE: 6, DESCRIBE: 8, CLUSTER_ACTION: 9 } as const
const allow = 3

const client = "User:ANONYMOUS"
const someoneElse = "User:alice"

/**
 * What holds in the cases under ACLs, where a resource without ACLs is open to everyone: names that begin with `hidden-`
 * are closed, the others allow what they say and to be created. The last one closes the cluster, except to the broker
 * itself; the one on "hardcode" closes what is asked for any topic, see `Authorizer.authorizeByResourceType`.
 */
const acls: ReadonlyArray<Acl> = [
  ["TOPIC", "PREFIXED", "hidden-", someoneElse, "ALL"],
  ["TOPIC", "LITERAL", "hardcode", someoneElse, "ALL"],
  ["TOPIC", "PREFIXED", "create-", client, "CREATE"],
  ["TOPIC", "PREFIXED", "describe-", client, "CREATE"],
  ["TOPIC", "PREFIXED", "describe-", client, "DESCRIBE"],
  ["TOPIC", "PREFIXED", "read-", client, "CREATE"],
  ["TOPIC", "PREFIXED", "read-", client, "READ"],
  ["GROUP", "PREFIXED", "hidden-", someoneElse, "ALL"],
  ["GROUP", "PREFIXED", "describe-", client, "DESCRIBE"],
  ["TRANSACTIONAL_ID", "PREFIXED", "hidden-", someoneElse, "ALL"],
  ["CLUSTER", "LITERAL", "kafka-cluster", client, "CLUSTER_ACTION"]
]

const settings = {
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "allow.everyone.if.no.acl.found": "true"
}

/** Apache Kafka with the ACLs in force: they are made by request, before the last of them forbids just that. */
export const startApacheKafkaWithAcls = async (): Promise<Broker> => {
  const broker = await startApacheKafka({ properties: settings })
  const probe = new Probe(broker, "acls")
  try {
    const creations = acls.map(([type, pattern, resourceName, principal, operation]) => ({
      resourceType: resourceTypes[type],
      resourceName,
      resourcePatternType: patternTypes[pattern],
      principal,
      host: "*",
      operation: operations[operation],
      permissionType: allow
    }))
    const { results } = await probe.quiet(apis.CreateAcls, 3, { creations })
    for (const { errorMessage, errorCode } of results) {
      if (errorCode !== 0) throw new Error(`creating ACLs: error ${errorCode}: ${errorMessage}`)
    }
    // The last one must hold at the broker, which replays the controller's records.
    const closed = await probe.quietUntil(
      apis.DescribeLogDirs,
      4,
      { topics: [] },
      ({ errorCode }) => errorCode === 31
    )
    if (closed.errorCode !== 31) throw new Error("the ACLs are not in force")
    await delay(200)
  } catch (error) {
    await broker.kill()
    throw error
  } finally {
    probe.close()
  }
  return broker
}

/** Our broker with the same ACLs, from a file. */
export const startOurBrokerWithAcls = (): Promise<Broker> => {
  const file = `${makeWorkFolder("acls")}/acls.json`
  const bindings = acls.map(([resourceType, patternType, resourceName, principal, operation]) => ({
    resourceType,
    resourceName,
    patternType,
    principal,
    host: "*",
    operation,
    permissionType: "ALLOW"
  }))
  writeFileSync(file, JSON.stringify(bindings))
  const all = { ...settings, "kafka.broker.acl.file": file }
  return startOurBroker({ args: Object.entries(all).flatMap(([key, value]) => ["--set", `${key}=${value}`]) })
}
