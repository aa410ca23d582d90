import { assert, describe, it } from "@effect/vitest"
import type { Assignor, AssignorMember } from "../../../../src/actors/group-coordinator/consumer/assignors/Assignor.ts"
import { Range } from "../../../../src/actors/group-coordinator/consumer/assignors/Range.ts"
import { Uniform } from "../../../../src/actors/group-coordinator/consumer/assignors/Uniform.ts"
import type { Partitions } from "../../../../src/actors/group-coordinator/consumer/ConsumerGroup.ts"
import type { Uuid } from "../../../../src/model/Uuid.ts"
import { topicIdOf } from "../GroupSimulation.ts"
import { randomOf } from "../random.ts"

const member = (
  memberId: string,
  topicIds: ReadonlyArray<Uuid>,
  current: Partitions = new Map(),
  instanceId: string | null = null
): AssignorMember => ({ memberId, instanceId, topicIds, current })

const sizes = (target: ReadonlyMap<string, Partitions>): ReadonlyArray<number> =>
  [...target.values()].map((topics) => [...topics.values()].reduce((sum, partitions) => sum + partitions.size, 0))

/** Every partition exactly once, and only to a subscriber. */
const checkComplete = (
  members: ReadonlyArray<AssignorMember>,
  counts: ReadonlyMap<Uuid, number>,
  target: ReadonlyMap<string, Partitions>
): void => {
  const given = new Set<string>()
  for (const { memberId, topicIds } of members) {
    for (const [topicId, partitions] of target.get(memberId) ?? []) {
      assert.include(topicIds, topicId)
      for (const partition of partitions) {
        assert.isFalse(given.has(`${topicId}/${partition}`))
        given.add(`${topicId}/${partition}`)
      }
    }
  }
  let expected = 0
  for (const [topicId, count] of counts) if (members.some((one) => one.topicIds.includes(topicId))) expected += count
  assert.strictEqual(given.size, expected)
}

const [a, b, c] = [topicIdOf(1), topicIdOf(2), topicIdOf(3)]

describe("Range", () => {
  it("gives ranges by member order, static members first, the same for all topics of a size", () => {
    const members = [member("z", [a, b]), member("y", [a, b]), member("x", [a, b], new Map(), "i")]
    const target = Range.assign(members, new Map([[a, 4], [b, 4]]))
    const ranges = (memberId: string) => [...target.get(memberId)!.values()].map((partitions) => [...partitions])
    assert.deepStrictEqual(ranges("x"), [[0, 1], [0, 1]])
    assert.deepStrictEqual(ranges("y"), [[2], [2]])
    assert.deepStrictEqual(ranges("z"), [[3], [3]])
  })
})

describe("Uniform", () => {
  it("keeps what everybody has up to the quota, and moves no more than it must", () => {
    const before = Uniform.assign([member("m", [a]), member("n", [a])], new Map([[a, 6]]))
    const after = Uniform.assign([
      member("m", [a], before.get("m")),
      member("n", [a], before.get("n")),
      member("o", [a])
    ], new Map([[a, 6]]))
    assert.deepStrictEqual(sizes(after), [2, 2, 2])
    for (const memberId of ["m", "n"]) {
      for (const partition of after.get(memberId)!.get(a)!) assert.isTrue(before.get(memberId)!.get(a)!.has(partition))
    }
  })

  it("balances members of different subscriptions as far as their topics allow", () => {
    const members = [member("m", [a, b, c]), member("n", [c]), member("o", [a, b])]
    const counts = new Map([[a, 4], [b, 4], [c, 4]])
    const target = Uniform.assign(members, counts)
    checkComplete(members, counts, target)
    assert.deepStrictEqual(sizes(target), [4, 4, 4])
  })
})

describe("any assignor", () => {
  it("gives every partition to one subscriber, and settles when nothing changes", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = randomOf(seed)
      const topics = Array.from({ length: 1 + random.below(5) }, (_, i) => topicIdOf(i + 1))
      const counts = new Map(topics.map((topic) => [topic, random.below(9)]))
      const same = random.below(2) === 0
      const members = Array.from(
        { length: 1 + random.below(7) },
        (_, i) => member(`m${i}`, topics.filter(() => same || random.below(2) === 0))
      )
      for (const assignor of [Uniform, Range] as ReadonlyArray<Assignor>) {
        const target = assignor.assign(members, counts)
        checkComplete(members, counts, target)
        const again = assignor.assign(
          members.map((one) => ({ ...one, current: target.get(one.memberId) ?? new Map() })),
          counts
        )
        assert.deepStrictEqual(again, target, `seed ${seed} ${assignor.name}`)
      }
    }
  })
})
