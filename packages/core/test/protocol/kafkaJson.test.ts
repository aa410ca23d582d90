import { assert, describe, it } from "@effect/vitest"
import { Uuid } from "../../src/model/Uuid.ts"
import { apis } from "../../src/protocol/apis/index.ts"
import { type Fields, type FieldType, isNullable, isPresent } from "../../src/protocol/schema/FieldType.ts"
import type { Message } from "../../src/protocol/schema/Message.ts"
import { includesVersion, parseVersionRange } from "../../src/protocol/schema/VersionRange.ts"
import { groupRecordTypes, transactionRecordTypes } from "../../src/protocol/state-records/CoordinatorRecord.ts"
import { declaredMessages } from "./declaredMessages.ts"
import { type JsonField, type JsonMessage, readKafkaJson } from "./kafkaJson.ts"
import { schemaDefault } from "./schemaDefault.ts"

const json = readKafkaJson()

/** Definitions of October 2024 (the last before Kafka 4.0) lack what came later; these are all the differences. */
const isOctober2024 = !json.has("LegacyOffsetCommitKey")

/** Messages that October 2024 did not have. */
const addedMessages = /^(LegacyOffsetCommit|ConsumerGroupRegularExpression|ClearElrRecord|ListConfigResources)/

/** Last version that October 2024 had, of messages (request and response) that have more here. */
const lastVersions: Readonly<Record<string, number>> = {
  Produce: 11,
  Fetch: 17,
  ListOffsets: 10,
  Metadata: 12,
  OffsetCommit: 9,
  OffsetFetch: 9,
  DescribeGroups: 5,
  DescribeLogDirs: 4,
  WriteTxnMarkers: 1,
  TxnOffsetCommit: 4,
  DescribeCluster: 1,
  AlterPartitionReassignments: 0,
  ListTransactions: 1,
  ConsumerGroupDescribe: 0,
  RegisterBrokerRecord: 3,
  BrokerRegistrationChangeRecord: 2
}

/** Fields that came after October 2024 into versions which existed then. */
const addedFields: ReadonlySet<string> = new Set([
  "OffsetCommitValue topicId",
  "ConsumerGroupMetadataValue metadataHash",
  "ConsumerGroupTargetAssignmentMetadataValue assignmentTimestamp",
  "ConsumerGroupCurrentMemberAssignmentValue assignmentEpochs",
  "TransactionLogValue nextProducerEpoch"
])

/** First version that Kafka 4 still has, of APIs that have older ones here. */
const firstVersions: Readonly<Record<string, number>> = { Produce: 3, CreateTopics: 2 }

const recordTypes = new Map<string, number>(
  Object.values({ ...groupRecordTypes, ...transactionRecordTypes }).map((type) => [type.key.name, type.type])
)

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** One field as both sides are brought to: a line of text, children indented. */
const declaredLines = (fields: Fields, version: number, indent = ""): ReadonlyArray<string> =>
  Object.entries(fields).flatMap(([name, field]) => {
    if (!isPresent(field, version)) return []
    const { tag, type } = field.state
    const children = type.kind === "struct"
      ? type.fields
      : type.kind === "array" && type.element.state.type.kind === "struct"
      ? type.element.state.type.fields
      : {}
    return [
      line(indent, name, declaredType(field), isNullable(field, version), tag, schemaDefault(field)),
      ...declaredLines(children, version, `${indent}  `)
    ]
  })

const declaredType = (field: FieldType<any, any, boolean>): string => {
  const { type } = field.state
  if (type.kind === "primitive") return type.primitive
  return type.kind === "struct" ? "struct" : `[]${declaredType(type.element)}`
}

const line = (
  indent: string,
  name: string,
  type: string,
  nullable: boolean,
  tag: number | undefined,
  value: unknown
): string => {
  const shown = type === "struct" && value !== null
    ? "{}"
    : JSON.stringify(value instanceof Uint8Array ? [...value] : value)
  return `${indent}${name}: ${type}${nullable ? "?" : ""}${tag === undefined ? "" : ` tag ${tag}`} = ${shown}`
}

const primitives: Readonly<Record<string, string>> = { bool: "boolean" }
const primitiveNames = /^(boolean|u?int(8|16|32|64)|float64|uuid|string|bytes|records)$/

const jsonType = (type: string): string => {
  if (type.startsWith("[]")) return `[]${jsonType(type.slice(2))}`
  const name = primitives[type] ?? type
  return primitiveNames.test(name) ? name : "struct"
}

const jsonDefault = (field: JsonField, type: string): unknown => {
  const given = field.default ?? ""
  const text = typeof given === "string" ? given : JSON.stringify(given)
  if (text === "null") return null
  if (type.startsWith("[]") || type === "bytes") return []
  if (type === "records") return null
  if (type === "struct") return {}
  if (type === "string") return text
  if (type === "uuid") return text === "" ? Uuid.zero : text
  if (type === "boolean") return text === "true"
  return text === "" ? 0 : Number(text)
}

const jsonLines = (
  fields: ReadonlyArray<JsonField>,
  structs: ReadonlyMap<string, JsonField>,
  version: number,
  indent = ""
): ReadonlyArray<string> =>
  fields.flatMap((field) => {
    const has = (range: string | undefined): boolean =>
      range !== undefined && includesVersion(parseVersionRange(range as "0+"), version)
    if (!has(field.versions ?? field.taggedVersions)) return []
    const type = jsonType(field.type)
    const children = field.fields ?? structs.get(field.type.replace("[]", ""))?.fields ?? []
    return [
      line(
        indent,
        lowerFirst(field.name),
        type,
        has(field.nullableVersions),
        has(field.taggedVersions) ? Number(field.tag) : undefined,
        jsonDefault(field, type)
      ),
      ...jsonLines(children, structs, version, `${indent}  `)
    ]
  })

const checkVersion = (message: Message<any>, definition: JsonMessage, version: number): void => {
  // Keys of coordinator records had the record type as their version until they were numbered by apiKey.
  const type = recordTypes.get(message.name)
  const theirs = type !== undefined && definition.type === "data" ? type : version
  assert.isTrue(includesVersion(parseVersionRange(definition.validVersions as "0+"), theirs), `version ${theirs}`)
  assert.strictEqual(
    message.isFlexible(version),
    includesVersion(parseVersionRange(definition.flexibleVersions as "0+"), theirs),
    `flexible in ${version}`
  )
  const structs = new Map((definition.commonStructs ?? []).map((struct) => [struct.name, struct]))
  const declared = declaredLines(message.fields, version)
    .filter((text) => !isOctober2024 || !addedFields.has(`${message.name} ${text.trim().split(":")[0]}`))
  assert.deepStrictEqual(declared, jsonLines(definition.fields ?? [], structs, theirs), `version ${version}`)
}

describe.runIf(json.size > 0)("declarations agree with Kafka's message definitions", () => {
  for (const [name, message] of declaredMessages) {
    it(`${name}, field by field in every version`, () => {
      const definition = json.get(name)
      if (definition === undefined) return assert.isTrue(isOctober2024 && addedMessages.test(name), "is defined")
      const base = name.replace(/Request$|Response$/, "")
      const first = isOctober2024 ? message.versions.min : firstVersions[base] ?? message.versions.min
      const last = isOctober2024 ? lastVersions[base] ?? message.versions.max : message.versions.max
      for (let version = first; version <= last; version++) checkVersion(message, definition, version)
    })
  }

  it.runIf(isOctober2024)("the tables of what came later say no more than is so", () => {
    for (const [base, last] of Object.entries(lastVersions)) {
      const definition = json.get(base) ?? json.get(`${base}Request`)
      assert.strictEqual(parseVersionRange(definition?.validVersions as "0+").max, last, base)
    }
    for (const added of addedFields) {
      const [name, field] = added.split(" ")
      assert.notInclude(JSON.stringify(json.get(name!)).toLowerCase(), `"${field!.toLowerCase()}"`)
    }
  })

  it("API keys are Kafka's", () => {
    for (const api of Object.values(apis)) {
      if (isOctober2024 && addedMessages.test(api.name)) continue
      assert.strictEqual(api.key, json.get(`${api.name}Request`)?.apiKey)
    }
  })
})
