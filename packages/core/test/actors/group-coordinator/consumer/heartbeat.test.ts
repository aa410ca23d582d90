import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "../../../../src/model/ErrorCode.ts"
import { validateHeartbeat } from "../../../../src/actors/group-coordinator/consumer/validateHeartbeat.ts"
import { beat, consumer, type ConsumerHeartbeatReply, stableGroup } from "../commands.ts"
import { durablePart, GroupSimulation, topicIdOf, topicsOf } from "../GroupSimulation.ts"

const orders = topicIdOf(1)

const assignedTo = (reply: ConsumerHeartbeatReply): ReadonlyArray<number> =>
  (reply.assignment?.topicPartitions ?? []).flatMap((topic) => topic.partitions).sort((a, b) => a - b)

const owning = (memberId: string, memberEpoch: number, ...partitions: ReadonlyArray<number>) =>
  consumer(memberId, {
    memberEpoch,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    topicPartitions: partitions.length === 0 ? [] : [{ topicId: orders, partitions }]
  })

describe("ConsumerGroupHeartbeat", () => {
  it("of the first member writes member, epoch, target and assignment, and answers with all partitions", () => {
    const group = new GroupSimulation()
    const reply = group.ask<ConsumerHeartbeatReply>(consumer("m"))
    assert.deepStrictEqual(reply, {
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      memberId: "m",
      memberEpoch: 2,
      heartbeatIntervalMs: 5000,
      assignment: { topicPartitions: [{ topicId: orders, partitions: [0, 1, 2, 3] }] }
    })
    const found = group.state.groups.get("g")
    const metadataHash = found?._tag === "Consumer" ? found.metadataHash : 0
    assert.notStrictEqual(metadataHash, 0)
    assert.deepStrictEqual(group.lastRecords, [
      {
        _tag: "ConsumerGroupMember",
        groupId: "g",
        memberId: "m",
        value: {
          instanceId: null,
          rackId: null,
          clientId: "client",
          clientHost: "/127.0.0.1",
          subscribedTopicNames: ["orders"],
          subscribedTopicRegex: null,
          rebalanceTimeoutMs: 30_000,
          serverAssignor: null,
          classicMemberMetadata: null
        }
      },
      { _tag: "ConsumerGroupMetadata", groupId: "g", value: { epoch: 2, metadataHash } },
      {
        _tag: "ConsumerGroupTargetAssignmentMember",
        groupId: "g",
        memberId: "m",
        value: { topicPartitions: [{ topicId: orders, partitions: [0, 1, 2, 3] }] }
      },
      { _tag: "ConsumerGroupTargetAssignmentMetadata", groupId: "g", value: { assignmentEpoch: 2 } },
      {
        _tag: "ConsumerGroupCurrentMemberAssignment",
        groupId: "g",
        memberId: "m",
        value: {
          memberEpoch: 2,
          previousMemberEpoch: 0,
          state: 0,
          assignedPartitions: [{ topicId: orders, partitions: [0, 1, 2, 3], assignmentEpochs: [2, 2, 2, 2] }],
          partitionsPendingRevocation: []
        }
      }
    ])
    assert.strictEqual(group.timerAt("Session", "m"), 45_000)
  })

  it("that tells nothing new writes nothing and repeats no assignment", () => {
    const group = new GroupSimulation()
    group.ask(consumer("m"))
    const batches = group.log.length
    assert.isNull(group.ask<ConsumerHeartbeatReply>(beat("m", 2)).assignment)
    assert.strictEqual(group.log.length, batches)
  })

  it("hands a partition over only after its owner gave it up", () => {
    const group = new GroupSimulation()
    group.ask(consumer("a"))
    const joined = group.ask<ConsumerHeartbeatReply>(consumer("b"))
    assert.strictEqual(joined.memberEpoch, 3)
    assert.deepStrictEqual(assignedTo(joined), [])
    const told = group.ask<ConsumerHeartbeatReply>(owning("a", 2, 0, 1, 2, 3))
    assert.strictEqual(told.memberEpoch, 2)
    assert.strictEqual(assignedTo(told).length, 2)
    assert.strictEqual(group.timerAt("MemberRebalance", "a"), 30_000)
    assert.isNull(group.ask<ConsumerHeartbeatReply>(beat("b", 3)).assignment)
    const revoked = group.ask<ConsumerHeartbeatReply>(owning("a", 2, ...assignedTo(told)))
    assert.strictEqual(revoked.memberEpoch, 3)
    assert.isUndefined(group.timerAt("MemberRebalance", "a"))
    assert.strictEqual(assignedTo(group.ask<ConsumerHeartbeatReply>(beat("b", 3))).length, 2)
  })

  it("fences a member that does not give its partitions up within the rebalance timeout", () => {
    const group = new GroupSimulation()
    group.ask(consumer("a"))
    group.ask(consumer("b"))
    group.ask(owning("a", 2, 0, 1, 2, 3))
    let taken: ReadonlyArray<number> = []
    for (let i = 0; i < 4; i++) {
      group.advance(7500)
      taken = assignedTo(group.ask<ConsumerHeartbeatReply>(beat("b", 3)))
      if (i < 3) group.ask(owning("a", 2, 0, 1, 2, 3))
    }
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(beat("a", 2)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
    assert.deepStrictEqual(taken, [0, 1, 2, 3])
  })

  it("takes the epoch before when the last answer was lost, and no other", () => {
    const group = new GroupSimulation()
    group.ask(consumer("a"))
    group.topics = topicsOf({ orders: 5, payments: 2 }, 2)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(beat("a", 2)).memberEpoch, 3)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(owning("a", 2, 0, 1)).errorCode, ErrorCode.NONE)
    const before = durablePart(group.state)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(beat("a", 2)).errorCode, ErrorCode.FENCED_MEMBER_EPOCH)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(beat("a", 8)).errorCode, ErrorCode.FENCED_MEMBER_EPOCH)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(beat("ghost", 2)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
    const elsewhere = { ...beat("a", 2), groupId: "other" }
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(elsewhere).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    assert.deepStrictEqual(durablePart(group.state), before)
  })

  it("keeps the place of a static member that leaves for a while, and of nobody else", () => {
    const group = new GroupSimulation()
    group.ask(consumer("a", { instanceId: "i" }))
    const inUse = group.ask<ConsumerHeartbeatReply>(consumer("b", { instanceId: "i" }))
    assert.strictEqual(inUse.errorCode, ErrorCode.UNRELEASED_INSTANCE_ID)
    group.ask(consumer("a", { instanceId: "i", memberEpoch: -2 }))
    const back = group.ask<ConsumerHeartbeatReply>(consumer("b", { instanceId: "i" }))
    assert.deepStrictEqual(assignedTo(back), [0, 1, 2, 3])
    assert.strictEqual(back.memberEpoch, 2)
    const old = group.ask<ConsumerHeartbeatReply>({ ...beat("a", 2), instanceId: "i" })
    assert.strictEqual(old.errorCode, ErrorCode.FENCED_INSTANCE_ID)
  })

  it("resolves a regular expression, follows new topics, and refuses one that is none", () => {
    const group = new GroupSimulation()
    const regex = (subscribedTopicRegex: string) => consumer("m", { subscribedTopicNames: null, subscribedTopicRegex })
    const refused = group.ask<ConsumerHeartbeatReply>(regex("(a"))
    assert.strictEqual(refused.errorCode, ErrorCode.INVALID_REGULAR_EXPRESSION)
    assert.strictEqual(group.state.groups.size, 0)
    const joined = group.ask<ConsumerHeartbeatReply>(regex("o.*"))
    assert.deepStrictEqual(joined.assignment?.topicPartitions.map((topic) => topic.topicId), [orders])
    group.topics = topicsOf({ orders: 4, payments: 2, offers: 1 }, 2)
    group.advance(10_000)
    const told = group.ask<ConsumerHeartbeatReply>(beat("m", 2))
    assert.deepStrictEqual(
      new Set(told.assignment?.topicPartitions.map((topic) => topic.topicId)),
      new Set([orders, topicIdOf(3)])
    )
  })

  it("leaves a classic group alone whose assignments it cannot read", () => {
    const group = new GroupSimulation()
    const { generation } = stableGroup(group, 2)
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(consumer("n")).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
    assert.strictEqual(group.state.groups.get("g")?._tag, "Classic")
    assert.isAbove(generation, 0)
  })

  it("refuses members above group.consumer.max.size", () => {
    const group = new GroupSimulation({ settings: { consumerMaxSize: 1 } })
    group.ask(consumer("a"))
    assert.strictEqual(group.ask<ConsumerHeartbeatReply>(consumer("b")).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  })
})

describe("the shape of a ConsumerGroupHeartbeat", () => {
  const refusal = (change: object, apiVersion = 1) => {
    const found = validateHeartbeat({ ...consumer("m"), ...change }, apiVersion)
    return found === undefined ? undefined : [found.errorCode, found.message]
  }

  it("is judged in Kafka's order and words", () => {
    const invalid = (message: string) => [ErrorCode.INVALID_REQUEST, message]
    assert.isUndefined(refusal({}))
    assert.isUndefined(refusal({ memberId: "" }, 0))
    assert.deepStrictEqual(refusal({ memberId: "" }), invalid("MemberId can't be empty."))
    assert.deepStrictEqual(refusal({ groupId: " " }), invalid("GroupId can't be empty."))
    assert.deepStrictEqual(refusal({ instanceId: "" }), invalid("InstanceId can't be empty."))
    assert.deepStrictEqual(refusal({ rackId: "" }), invalid("RackId can't be empty."))
    assert.deepStrictEqual(
      refusal({ rebalanceTimeoutMs: -1 }),
      invalid("RebalanceTimeoutMs must be provided in first request.")
    )
    assert.deepStrictEqual(
      refusal({ topicPartitions: null }),
      invalid("TopicPartitions must be empty when (re-)joining.")
    )
    assert.deepStrictEqual(
      refusal({ subscribedTopicNames: null }),
      invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
    )
    assert.deepStrictEqual(refusal({ memberEpoch: -2 }), invalid("InstanceId can't be null."))
    assert.deepStrictEqual(refusal({ memberEpoch: -3 }), invalid("MemberEpoch is invalid."))
    assert.deepStrictEqual(refusal({ serverAssignor: "mine" }), [
      ErrorCode.UNSUPPORTED_ASSIGNOR,
      "ServerAssignor mine is not supported. Supported assignors: uniform, range."
    ])
  })
})
