import { assert, describe, it } from "@effect/vitest"
import { problemsOf } from "../../src/groups/checkGroup.ts"
import type { MemberEvent } from "../../src/groups/MemberEvent.ts"

const assigned = (at: number, member: string): MemberEvent => ({ member, at, event: "assigned", partitions: [0] })
const read = (at: number, member: string, ...offsets: ReadonlyArray<number>): MemberEvent => ({
  member,
  at,
  event: "records",
  partition: 0,
  offsets,
  values: offsets.map(String)
})
const committed = (at: number, member: string, offset: number): MemberEvent => ({
  member,
  at,
  event: "committed",
  offsets: { 0: offset }
})

describe("the checker of groups", () => {
  it("is content with a handover after a commit, whatever the order in which the events arrive", () => {
    const left: MemberEvent = { member: "a", at: 4, event: "left" }
    const events = [assigned(5, "b"), read(6, "b", 2), assigned(1, "a"), read(2, "a", 0, 1), committed(3, "a", 2), left]
    assert.deepStrictEqual(problemsOf(events, ["0", "1", "2"]), [])
  })

  it("lets records that were not committed be read again after a death", () => {
    const killed: MemberEvent = { member: "a", at: 4, event: "killed" }
    const events = [
      assigned(1, "a"),
      read(2, "a", 0, 1),
      committed(3, "a", 1),
      killed,
      assigned(5, "b"),
      read(6, "b", 1)
    ]
    assert.deepStrictEqual(problemsOf(events, ["0", "1"]), [])
  })

  it("finds two owners, committed records that come again, and records that nobody read", () => {
    const events = [assigned(1, "a"), read(2, "a", 0, 1), committed(3, "a", 2), assigned(4, "b"), read(5, "b", 1)]
    assert.deepStrictEqual(problemsOf(events, ["0", "1", "2"]), [
      "partition 0 was given to b while a owned it",
      "b read offset 1 of partition 0, committed up to 2",
      "1 records were read by nobody, such as 2"
    ])
  })
})
