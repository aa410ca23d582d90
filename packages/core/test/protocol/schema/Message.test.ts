import { assert, describe, it } from "@effect/vitest"
import { Message } from "../../../src/protocol/schema/Message.ts"
import { parseVersionRange } from "../../../src/protocol/schema/VersionRange.ts"
import { Wire } from "../../../src/protocol/schema/Wire.ts"
import { ByteReader } from "../../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../../src/protocol/wire/ByteWriter.ts"
import { DecodeError } from "../../../src/protocol/wire/DecodeError.ts"
import { EncodeError } from "../../../src/protocol/wire/EncodeError.ts"

const message = new Message({
  name: "Example",
  versions: parseVersionRange("0-2"),
  flexibleVersions: parseVersionRange("2+"),
  fields: {
    name: Wire.string,
    late: Wire.int32.in("1+").default(5),
    old: Wire.boolean.in("0").default(true),
    maybe: Wire.string.nullable("1+").default(null),
    cursor: Wire.struct({ topic: Wire.string, partition: Wire.int32 }).in("2+").nullable().default(null),
    extra: Wire.int64.default(-1).tag(3, "2+"),
    ids: Wire.arrayOf(Wire.int32).tag(1, "2+")
  }
})

const encode = (version: number, value: Parameters<typeof message.encode>[2]): Uint8Array => {
  const writer = new ByteWriter()
  message.encode(writer, version, value)
  return writer.finishBytes()
}
const decode = (version: number, bytes: Uint8Array | ReadonlyArray<number>) =>
  message.decode(new ByteReader(Uint8Array.from(bytes)), version)

describe("Message", () => {
  it("fills fields that the version lacks with their defaults, and leaves them out when encoding", () => {
    const bytes = encode(0, { name: "a", late: 9, old: false, maybe: "b", extra: 4 })
    assert.deepStrictEqual([...bytes], [0, 1, 97, 0, 0, 1, 98])
    const { cursor, extra, ids, late, maybe, name, old } = decode(0, bytes)
    assert.deepStrictEqual([name, late, old, maybe, cursor, extra, ids], ["a", 5, false, "b", null, -1, []])
  })

  it("writes the default of a field that the caller left out", () => {
    assert.deepStrictEqual([...encode(1, { name: "" })], [0, 0, 0, 0, 0, 5, 0xff, 0xff])
  })

  it("does not write tagged fields that equal their default, and sorts the others by tag", () => {
    assert.deepStrictEqual([...encode(2, { name: "", extra: -1, ids: [] })], [1, 0, 0, 0, 5, 0, 0xff, 0])
    const bytes = encode(2, { name: "", extra: 1, ids: [7], cursor: { topic: "", partition: 2 } })
    assert.deepStrictEqual(
      [...bytes],
      [1, 0, 0, 0, 5, 0, 1, 1, 0, 0, 0, 2, 0, 2, 1, 5, 2, 0, 0, 0, 7, 3, 8, 0, 0, 0, 0, 0, 0, 0, 1]
    )
    assert.deepStrictEqual(decode(2, bytes).cursor, { topic: "", partition: 2 })
  })

  it("skips tagged fields that it does not know", () => {
    const known = [1, 0, 0, 0, 5, 0, 0xff]
    const value = decode(2, [...known, 2, 3, 8, 0, 0, 0, 0, 0, 0, 0, 6, 9, 2, 1, 2])
    assert.strictEqual(value.extra, 6)
  })

  it("refuses a known tagged field whose size is not that of its content", () => {
    const known = [1, 0, 0, 0, 5, 0, 0xff]
    assert.throws(() => decode(2, [...known, 1, 3, 9, 0, 0, 0, 0, 0, 0, 0, 6, 0]), DecodeError)
    assert.throws(() => decode(2, [...known, 1, 3, 7, 0, 0, 0, 0, 0, 0, 0, 6, 0]), DecodeError)
  })

  it("refuses null in a version that has no null, in both directions", () => {
    assert.throws(() => encode(0, { name: "a", maybe: null }), EncodeError, "maybe")
    assert.throws(() => decode(0, [0, 0, 1, 0xff, 0xff]), DecodeError)
    assert.isNull(decode(1, [0, 0, 0, 0, 0, 1, 0xff, 0xff]).maybe)
  })

  it("gives objects with the same keys in the same order in every version", () => {
    const keys = [0, 1, 2].map((version) => Object.keys(decode(version, encode(version, { name: "n", maybe: "m" }))))
    assert.deepStrictEqual(keys[0], Object.keys(message.fields))
    assert.deepStrictEqual(keys[1], keys[0])
    assert.deepStrictEqual(keys[2], keys[0])
  })

  it("has no codec for versions that are not declared", () => {
    assert.throws(() => decode(3, []), RangeError)
    assert.throws(() => decode(-1, []), RangeError)
    assert.throws(() => encode(3, { name: "" }), RangeError)
  })
})
