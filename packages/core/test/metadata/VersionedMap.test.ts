import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { VersionedMap } from "../../src/metadata/VersionedMap.ts"

const Changes = Schema.Array(Schema.Array(Schema.Tuple([Schema.Literals(["a", "b", "c"]), Schema.Literals([0, 1, 2])])))

describe("VersionedMap", () => {
  it.prop("every version keeps what it held, whatever is made from it later", { rounds: Changes }, ({ rounds }) => {
    let newest = VersionedMap.empty<string, number>()
    const versions = [{ map: newest, expected: new Map<string, number>() }]
    for (const round of rounds) {
      // 0 stands for a removal.
      const changes = new Map(round.map(([key, value]) => [key, value === 0 ? undefined : value]))
      newest = newest.with(changes)
      const expected = new Map(versions.at(-1)!.expected)
      for (const [key, value] of changes) {
        if (value === undefined) expected.delete(key)
        else expected.set(key, value)
      }
      versions.push({ map: newest, expected })
    }
    for (const { expected, map } of versions) {
      assert.strictEqual(map.size, expected.size)
      for (const key of ["a", "b", "c"]) assert.strictEqual(map.get(key), expected.get(key))
      assert.sameMembers(map.values(), Array.from(expected.values()))
    }
    return true
  })

  it("an older version can be changed too, without harm to the newest", () => {
    const first = VersionedMap.empty<string, number>().with(new Map([["a", 1]]))
    const newest = first.with(new Map([["a", 2]]))
    const branch = first.with(new Map([["b", 3]]))
    assert.deepStrictEqual([branch.get("a"), branch.get("b")], [1, 3])
    assert.deepStrictEqual([newest.get("a"), newest.get("b")], [2, undefined])
    assert.deepStrictEqual([first.get("a"), first.get("b")], [1, undefined])
  })
})
