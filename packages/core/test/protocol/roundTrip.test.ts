import { assert, describe, it } from "@effect/vitest"
import { ByteReader } from "../../src/protocol/wire/ByteReader.ts"
import { ByteWriter } from "../../src/protocol/wire/ByteWriter.ts"
import { DecodeError } from "../../src/protocol/wire/DecodeError.ts"
import { declaredMessages } from "./declaredMessages.ts"
import { randomStruct, seeded } from "./randomMessage.ts"
import { integer } from "./records/generators.ts"

const seeds = { seed: integer(0, 0x7fff_ffff) }

describe("every version of every message", () => {
  for (const [name, message] of declaredMessages) {
    it.prop(`${name} survives encoding and decoding`, seeds, ({ seed }) => {
      const writer = new ByteWriter(64)
      for (let version = message.versions.min; version <= message.versions.max; version++) {
        const value = randomStruct(message.fields, version, seeded(seed))
        message.encode(writer, version, value as never)
        const reader = new ByteReader(writer.finishBytes())
        assert.deepStrictEqual(message.decode(reader, version) as unknown, value, `version ${version}`)
        assert.strictEqual(reader.remaining, 0)
      }
    }, { arbitrary: { runs: 20 } })

    it.prop(`${name} decodes damaged bytes to some value or to a DecodeError`, seeds, ({ seed }) => {
      const writer = new ByteWriter()
      const next = seeded(seed)
      for (let version = message.versions.min; version <= message.versions.max; version++) {
        message.encode(writer, version, randomStruct(message.fields, version, next) as never)
        const bytes = writer.finishBytes().slice()
        for (let i = 0; i < 4 && bytes.length > 0; i++) {
          bytes[next(bytes.length)] = [0, 0x7f, 0x80, 0xff, next(256)][next(5)]!
        }
        const reader = new ByteReader(bytes, 0, next(3) === 0 ? next(bytes.length + 1) : bytes.length)
        try {
          message.decode(reader, version)
          assert.isAtMost(reader.position, reader.end)
        } catch (error) {
          assert.instanceOf(error, DecodeError)
        }
      }
    }, { arbitrary: { runs: 20 } })
  }
})
