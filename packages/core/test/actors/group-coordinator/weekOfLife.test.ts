import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { JoinReply } from "../../../src/actors/group-coordinator/classic/ClassicStep.ts"
import type { GroupCoordinator } from "../../../src/actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../../../src/model/ErrorCode.ts"
import { testLeaders } from "../partition-leader/testLeaders.ts"
import { randomOf } from "./random.ts"
import { context, joinRequest, settle, someTopics, startCoordinator } from "./testCoordinator.ts"

const groupCount = 12
const membersPerGroup = 18
const tickMinutes = 10
const ticks = (7 * 24 * 60) / tickMinutes

/** A member that lives on and off: joins, follows rebalances, commits, now and then leaves or falls silent. */
interface Member {
  readonly groupId: string
  memberId: string
  generation: number
  joining: Fiber.Fiber<JoinReply> | undefined
  /** Ticks it stays away. */
  away: number
}

const request = (member: Member) =>
  joinRequest({
    groupId: member.groupId,
    memberId: member.memberId,
    sessionTimeoutMs: 1_500_000,
    rebalanceTimeoutMs: 1_500_000
  })

const startJoin = Effect.fnUntraced(function*(coordinator: GroupCoordinator["Service"], member: Member) {
  member.generation = -1
  member.joining = yield* Effect.forkChild(
    coordinator.joinGroup(request(member), { ...context, apiVersion: 3 }),
    { startImmediately: true }
  )
})

/** Takes the answer of a join that is over, and fetches the assignment; the leader gives everybody the same. */
const finishJoin = Effect.fnUntraced(function*(coordinator: GroupCoordinator["Service"], member: Member) {
  const exit = member.joining?.pollUnsafe()
  if (member.joining === undefined || exit === undefined) return
  const reply = yield* Fiber.join(member.joining)
  member.joining = undefined
  if (reply.errorCode !== ErrorCode.NONE) {
    member.memberId = ""
    return
  }
  member.memberId = reply.memberId
  member.generation = reply.generationId
  yield* Effect.forkChild(
    coordinator.syncGroup({
      groupId: member.groupId,
      generationId: reply.generationId,
      memberId: reply.memberId,
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: reply.members.map((one) => ({ memberId: one.memberId, assignment: new Uint8Array(10) }))
    }, context),
    { startImmediately: true }
  )
})

const commitOf = (member: Member, offset: number) => ({
  groupId: member.groupId,
  generationIdOrMemberEpoch: member.generation,
  memberId: member.memberId,
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [{
    name: "orders",
    partitions: [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: "" }]
  }]
})

describe("a week of group life", () => {
  it.effect(
    "with hundreds of members ends stable, with the newest offsets, and the same after a restart",
    () =>
      Effect.gen(function*() {
        yield* someTopics
        const random = randomOf(7)
        const members = Array.from({ length: groupCount * membersPerGroup }, (_, i): Member => ({
          groupId: `g${i % groupCount}`,
          memberId: "",
          generation: -1,
          joining: undefined,
          away: 0
        }))
        const offsets = new Map<string, number>()
        const week = Effect.gen(function*() {
          const coordinator = yield* startCoordinator()
          const live = Effect.fnUntraced(function*(member: Member, tick: number, mayRest: boolean) {
            if (member.away > 0) {
              member.away--
              return
            }
            if (member.joining !== undefined) return yield* finishJoin(coordinator, member)
            if (member.memberId === "" || member.generation === -1) return yield* startJoin(coordinator, member)
            const { generation: generationId, groupId, memberId } = member
            if (mayRest && random.below(400) === 0) {
              member.away = 1 + random.below(6)
              if (random.below(2) === 0) {
                yield* coordinator.leaveGroup(groupId, [{ memberId, groupInstanceId: null }])
                member.memberId = ""
              }
              return
            }
            const code = yield* coordinator.heartbeat({ groupId, generationId, memberId, groupInstanceId: null })
            if (code === ErrorCode.REBALANCE_IN_PROGRESS) return yield* startJoin(coordinator, member)
            if (code !== ErrorCode.NONE) {
              member.memberId = ""
              return
            }
            if (random.below(20) !== 0) return
            const committed = yield* coordinator.commitOffsets(commitOf(member, tick), context)
            if (committed.errorCode === ErrorCode.NONE) offsets.set(groupId, tick)
          })
          for (let tick = 1; tick <= ticks; tick++) {
            for (const member of members) yield* live(member, tick, tick < ticks - 60)
            // Where somebody joins, the others notice within seconds, as their heartbeats are.
            for (let round = 0; round < 4; round++) {
              const restless = new Set(members.filter((one) => one.joining !== undefined).map((one) => one.groupId))
              if (restless.size === 0) break
              for (const member of members) {
                if (restless.has(member.groupId) && member.away === 0) yield* live(member, tick, false)
              }
              yield* TestClock.adjust("3 seconds")
            }
            yield* TestClock.adjust(`${tickMinutes} minutes`)
          }
          const groups = (yield* coordinator.listGroups([], [])).groups
          assert.strictEqual(groups.length, groupCount)
          assert.deepStrictEqual(new Set(groups.map((group) => group.groupState)), new Set(["Stable"]))
          return yield* Effect.forEach(groups, (group) => coordinator.describeClassic(group.groupId))
        })
        const before = yield* Effect.scoped(week)
        assert.strictEqual(before.reduce((sum, group) => sum + group.members.length, 0), members.length)
        const again = yield* startCoordinator()
        yield* settle
        for (const described of before) {
          const { groupId } = described
          assert.deepStrictEqual(yield* again.describeClassic(groupId), described)
          const fetched = yield* again.fetchOffsets({
            groupId,
            memberId: null,
            memberEpoch: -1,
            topics: [{ name: "orders", partitionIndexes: [0] }],
            requireStable: true
          })
          assert.strictEqual(fetched.topics[0]?.partitions[0]?.committedOffset, offsets.get(groupId))
        }
      }).pipe(Effect.scoped, Effect.provide(testLeaders)),
    60_000
  )
})
