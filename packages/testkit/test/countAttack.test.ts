import { assert, describe, it } from "@effect/vitest"
import { NodeCompression } from "@kafka-broker/node-server"
import { apis } from "../../core/src/protocol/apis/index.ts"
import type { AnyApi } from "../../core/src/protocol/schema/defineApi.ts"
import { type Fields, isPresent } from "../../core/src/protocol/schema/FieldType.ts"
import { ByteReader } from "../../core/src/protocol/wire/ByteReader.ts"
import { DecodeError } from "../../core/src/protocol/wire/DecodeError.ts"
import { encodeMarked, type Mark } from "./fuzz/encodeMarked.ts"
import { lengthBytes, replaced } from "./fuzz/mutate.ts"
import { Prng } from "./fuzz/Prng.ts"
import { randomStruct } from "./fuzz/randomRequest.ts"

const world = { topics: ["a"], topicIds: ["AAAAAAAAAAAAAAAAAAAAAQ"], codecs: NodeCompression.codecs }

/** Paths of all array fields that a version of a request has. */
const arrayPaths = (fields: Fields, version: number, path: string): ReadonlyArray<string> =>
  Object.entries(fields).flatMap(([name, field]) => {
    if (!isPresent(field, version)) return []
    const own = `${path}.${name}`
    const { type } = field.state
    if (type.kind === "struct") return arrayPaths(type.fields, version, own)
    if (type.kind !== "array") return []
    const element = type.element.state.type
    return [own, ...(element.kind === "struct" ? arrayPaths(element.fields, version, own) : [])]
  })

/** A request in which the array at `path` is there, and its place. */
const requestWith = (
  api: AnyApi,
  version: number,
  path: string
): { readonly bytes: Uint8Array; readonly mark: Mark } => {
  for (let seed = 0; seed < 3_000; seed++) {
    const value = randomStruct(api.request.fields, version, new Prng(seed, version), world)
    const { bytes, marks } = encodeMarked(api.request, version, value)
    const mark = marks.find((one) => one.kind === "ArrayCount" && one.path === path)
    if (mark !== undefined) return { bytes, mark }
  }
  throw new Error(`no request has ${path}`)
}

describe("an array count that the request cannot hold", () => {
  for (const api of Object.values(apis)) {
    it(`${api.name}: is refused in every version and every array, and nothing is allocated for it`, () => {
      for (let version = api.versions.min; version <= api.versions.max; version++) {
        for (const path of arrayPaths(api.request.fields, version, api.request.name)) {
          const { bytes, mark } = requestWith(api, version, path)
          const remaining = bytes.length - mark.at - mark.size
          for (const count of [0x7fff_ffff, 0x7fff_fffe, remaining + 1]) {
            const attack = replaced(bytes, mark.at, mark.size, lengthBytes(mark, count))
            const before = process.memoryUsage().heapUsed
            assert.throws(() => api.request.decode(new ByteReader(attack), version), DecodeError)
            const grown = process.memoryUsage().heapUsed - before
            assert.isBelow(grown, 1024 * 1024, `${path} v${version} with count ${count}`)
          }
        }
      }
    })
  }
})
