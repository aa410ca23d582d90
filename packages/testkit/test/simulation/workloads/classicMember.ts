import { apis, ErrorCode } from "@kafka-broker/core/protocol"
import { Effect } from "effect"
import { decodeAssignment, encodeAssignment, encodeSubscription } from "../client/consumerProtocol.ts"
import { GroupConsumption, isFenced } from "../client/GroupConsumption.ts"
import { findCoordinator } from "../client/findCoordinator.ts"
import { WireClient } from "../client/WireClient.ts"
import { attempt, backOff, codeName, isRetriable, type MakeWorkload, think } from "../Setting.ts"

const SESSION_TIMEOUT_MS = 3_000
const REBALANCE_TIMEOUT_MS = 3_000

/** The group that all classic members join. */
const GROUP = "classic-group"

/**
 * A member of a classic group: it joins, takes what the leader gives it, reads, commits, and joins again when it is told
 * to. Now and then it leaves, or is silent for longer than its session and then commits as if nothing had been.
 * Source: ConsumerCoordinator, AbstractCoordinator.
 */
export const classicMember: MakeWorkload = (setting, name, random, operations) => {
  const { history, world } = setting
  const client = new WireClient(world, name)
  const topics = setting.topics.filter(({ isMixed }) => !isMixed)
  const consumption = new GroupConsumption(setting, client, random, {
    group: GROUP,
    protocol: "classic",
    member: name,
    keptForMs: Math.min(SESSION_TIMEOUT_MS, REBALANCE_TIMEOUT_MS)
  })
  let memberId = ""
  let generation = -1
  let done = 0

  const join = Effect.fnUntraced(function*(): Effect.fn.Return<ReadonlyArray<string> | "Follower" | undefined> {
    consumption.giveUp()
    const tried = yield* attempt(
      setting,
      client.request(apis.JoinGroup, random.between(5, 9), {
        groupId: GROUP,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        memberId,
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: encodeSubscription(topics.map((topic) => topic.name)) }]
      }, { timeoutMs: 8_000 })
    )
    if (tried._tag === "NoAnswer") return undefined
    const answer = tried.value
    if (answer.errorCode === ErrorCode.NONE) {
      memberId = answer.memberId
      generation = answer.generationId
      return answer.leader === memberId ? answer.members.map((member) => member.memberId) : "Follower"
    }
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) memberId = answer.memberId
    else if (answer.errorCode === ErrorCode.UNKNOWN_MEMBER_ID) memberId = ""
    else if (!isRetriable(answer.errorCode) && !isFenced(answer.errorCode)) {
      history.surprise(name, `JoinGroup answered ${codeName(answer.errorCode)}`)
    }
    return undefined
  })

  /** Gives every partition to one of the members, in turn. */
  const assign = (members: ReadonlyArray<string>) => {
    const given = new Map(members.map((member) => [member, new Map<string, Array<number>>()]))
    let turn = 0
    for (const topic of topics) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const ofMember = given.get(members[turn++ % members.length]!)!
        const others = ofMember.get(topic.name)
        if (others === undefined) ofMember.set(topic.name, [partition])
        else others.push(partition)
      }
    }
    return [...given].map(([member, assignment]) => ({ memberId: member, assignment: encodeAssignment(assignment) }))
  }

  const sync = Effect.fnUntraced(function*(members: ReadonlyArray<string> | "Follower"): Effect.fn.Return<boolean> {
    const sentMicros = world.loop.nowMicros
    const tried = yield* attempt(
      setting,
      client.request(apis.SyncGroup, random.between(3, 5), {
        groupId: GROUP,
        generationId: generation,
        memberId,
        protocolType: "consumer",
        protocolName: "range",
        assignments: members === "Follower" ? [] : assign(members)
      }, { timeoutMs: 8_000 })
    )
    if (tried._tag === "NoAnswer") return false
    const { assignment, errorCode } = tried.value
    if (errorCode !== ErrorCode.NONE) {
      if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) memberId = ""
      if (!isRetriable(errorCode) && !isFenced(errorCode)) {
        history.surprise(name, `SyncGroup answered ${codeName(errorCode)}`)
      }
      return false
    }
    for (const [topic, partitions] of decodeAssignment(assignment)) {
      yield* consumption.own(topic, partitions, generation, sentMicros)
    }
    return true
  })

  /** False: the member must join again. */
  const heartbeat = Effect.fnUntraced(function*(): Effect.fn.Return<boolean> {
    const sentMicros = world.loop.nowMicros
    const tried = yield* attempt(
      setting,
      client.request(apis.Heartbeat, random.between(0, 4), { groupId: GROUP, generationId: generation, memberId })
    )
    if (tried._tag === "NoAnswer") return true
    const { errorCode } = tried.value
    if (errorCode === ErrorCode.NONE) {
      consumption.kept(sentMicros)
      return true
    }
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) memberId = ""
    if (isFenced(errorCode)) return false
    if (!isRetriable(errorCode)) history.surprise(name, `Heartbeat answered ${codeName(errorCode)}`)
    return true
  })

  const leave = Effect.suspend(() => {
    consumption.giveUp()
    return Effect.tap(
      attempt(setting, client.request(apis.LeaveGroup, 3, { groupId: GROUP, memberId, members: [{ memberId }] })),
      () => Effect.sync(() => memberId = "")
    )
  })

  /** Silent for longer than the session, then a commit as what it was before. */
  const sleepThenCommit = Effect.gen(function*() {
    const held = [...consumption.owned.values()]
    const before = { memberId, generation }
    yield* Effect.sleep(SESSION_TIMEOUT_MS + random.below(3_000))
    if (held.length > 0) yield* consumption.commit(random.pick(held).position, before.memberId, before.generation)
  })

  /** One stay in the group: until it has to join again. */
  const stay = Effect.gen(function*() {
    while (done < operations && !setting.isOver) {
      done++
      if (!(yield* heartbeat())) return
      if (!(yield* consumption.consume({ memberId, epoch: () => generation }))) return
      if (random.chance(0.03)) return yield* leave
      if (random.chance(0.04)) return yield* sleepThenCommit
      yield* think(setting, random)
    }
  })

  return {
    name,
    run: Effect.gen(function*() {
      yield* findCoordinator(setting, client, random, GROUP)
      while (done < operations && !setting.isOver) {
        done++
        const members = yield* join()
        if (members !== undefined && (yield* sync(members))) yield* stay
        else yield* backOff(random)
      }
      if (memberId !== "") yield* leave
      consumption.close()
      client.close()
    })
  }
}
