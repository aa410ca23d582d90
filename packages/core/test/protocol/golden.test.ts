import { assert, describe, it } from "@effect/vitest"
import { type Fields, type FieldType, isPresent } from "../../src/protocol/schema/FieldType.ts"
import { ByteReader } from "../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../src/protocol/wire/ByteWriter.ts"
import { declaredMessages } from "./declaredMessages.ts"
import { goldenRows as rows } from "./goldenRows.ts"
import { schemaDefault } from "./schemaDefault.ts"

const compareField = (
  field: FieldType<any, any, boolean>,
  value: any,
  json: any,
  path: string,
  version: number
): void => {
  const { type } = field.state
  if (json === null || value === null) return assert.strictEqual(value, json, path)
  switch (type.kind) {
    case "array":
      assert.strictEqual(value.length, json.length, path)
      value.forEach((element: unknown, i: number) =>
        compareField(type.element, element, json[i], `${path}[${i}]`, version)
      )
      return
    case "struct":
      return compareStruct(type.fields, value, json, path, version)
    case "primitive":
      if (type.primitive === "bytes") return assert.strictEqual(Buffer.from(value).toString("base64"), json, path)
      // Kafka's converters print no records; their bytes are compared when the message is encoded again.
      if (type.primitive === "records") return assert.match(Buffer.from(value).toString(), /^records-/, path)
      return assert.strictEqual(value, json, path)
  }
}

const compareStruct = (fields: Fields, value: any, json: any, path: string, version: number): void => {
  assert.deepStrictEqual(Object.keys(value), Object.keys(fields), path)
  for (const name of Object.keys(json)) assert.property(fields, name, path)
  for (const [name, field] of Object.entries(fields)) {
    if (name in json) {
      assert.isTrue(isPresent(field, version), `${path}.${name} is in version ${version}`)
      compareField(field, value[name], json[name], `${path}.${name}`, version)
    } else {
      assert.deepStrictEqual(value[name], schemaDefault(field), `${path}.${name}`)
    }
  }
}

describe("bytes made by Kafka's Java library", () => {
  const names = new Set(rows.map((row) => row.message))

  for (const [name, message] of declaredMessages) {
    it(`${name} decodes to the same values and encodes to the same bytes in every version`, () => {
      assert.isTrue(names.has(name))
      for (const row of rows) {
        if (row.message !== name || !message.supports(row.version)) continue
        const bytes = new Uint8Array(Buffer.from(row.bytes, "base64"))
        const reader = new ByteReader(bytes)
        const value = message.decode(reader, row.version)
        assert.strictEqual(reader.remaining, 0, `${name} ${row.version}`)
        compareStruct(message.fields, value, row.json, name, row.version)
        const writer = new ByteWriter()
        message.encode(writer, row.version, value as never)
        assert.strictEqual(Buffer.from(writer.finishBytes()).toString("base64"), row.bytes, `${name} ${row.version}`)
      }
    })

    it(`${name} is compared in every version that Kafka 4.3.1 has`, () => {
      const removedInKafka4: Record<string, number> = { Produce: 3, CreateTopics: 2 }
      const first = removedInKafka4[name.replace(/Request$|Response$/, "")] ?? message.versions.min
      const compared = new Set(rows.filter((row) => row.message === name).map((row) => row.version))
      for (let version = first; version <= message.versions.max; version++) assert.isTrue(compared.has(version))
    })
  }
})
