import type { JoinReply, SyncReply } from "../../../src/actors/group-coordinator/classic/ClassicStep.ts"
import type { JoinCommand } from "../../../src/actors/group-coordinator/classic/JoinCommand.ts"
import type { SyncCommand } from "../../../src/actors/group-coordinator/classic/syncGroup.ts"
import type {
  ConsumerHeartbeatCommand,
  ConsumerHeartbeatReply
} from "../../../src/actors/group-coordinator/consumer/heartbeat.ts"
import type { CommitCommand } from "../../../src/actors/group-coordinator/machine/GroupCommand.ts"
import { encodeConsumerSubscription } from "../../../src/protocol/apis/ConsumerProtocol.ts"
import type { GroupSimulation } from "./GroupSimulation.ts"

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A subscription as consumers send it. */
export const subscription = (...topics: ReadonlyArray<string>): Uint8Array =>
  encodeConsumerSubscription({ topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null })

let uuids = 0

/** A JoinGroup with everything filled in. */
export const join = (change: Partial<Omit<JoinCommand, "_tag" | "replyTo">> = {}): Omit<JoinCommand, "replyTo"> => ({
  _tag: "Join",
  groupId: "g",
  memberId: "",
  groupInstanceId: null,
  clientId: "client",
  clientHost: "/127.0.0.1",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: subscription("orders") }],
  requiresKnownMemberId: false,
  supportsSkippingAssignment: true,
  freshUuid: `u${uuids++}`,
  ...change
})

/** A SyncGroup with everything filled in. */
export const sync = (
  memberId: string,
  generationId: number,
  assignments: Readonly<Record<string, string>> = {},
  change: Partial<Omit<SyncCommand, "_tag" | "replyTo">> = {}
): Omit<SyncCommand, "replyTo"> => ({
  _tag: "Sync",
  groupId: "g",
  memberId,
  groupInstanceId: null,
  generationId,
  protocolType: null,
  protocolName: null,
  assignments: new Map(Object.entries(assignments).map(([id, text]) => [id, bytes(text)])),
  ...change
})

/** A commit of one offset of `orders-0`. */
export const commit = (
  memberId: string,
  generation: number,
  offset = 1,
  change: Partial<Omit<CommitCommand, "_tag" | "replyTo">> = {}
): Omit<CommitCommand, "replyTo"> => ({
  _tag: "Commit",
  groupId: "g",
  identity: { memberId, groupInstanceId: null, generation, isTransactional: false },
  apiVersion: 9,
  retentionTimeMs: -1,
  transaction: undefined,
  topics: [{
    name: "orders",
    partitions: [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null }]
  }],
  ...change
})

/** A ConsumerGroupHeartbeat; joins unless told otherwise. */
export const consumer = (
  memberId: string,
  change: Partial<Omit<ConsumerHeartbeatCommand, "_tag" | "replyTo">> = {}
): Omit<ConsumerHeartbeatCommand, "replyTo"> => ({
  _tag: "ConsumerHeartbeat",
  groupId: "g",
  memberId,
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 30_000,
  clientId: "client",
  clientHost: "/127.0.0.1",
  subscribedTopicNames: ["orders"],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
  mayDescribe: () => true,
  ...change
})

/** A heartbeat that tells nothing new. */
export const beat = (memberId: string, memberEpoch: number): Omit<ConsumerHeartbeatCommand, "replyTo"> =>
  consumer(memberId, { memberEpoch, rebalanceTimeoutMs: -1, subscribedTopicNames: null, topicPartitions: null })

/** A stable group of these many dynamic members; the first leads. Each is assigned the text `a<number>`. */
export const stableGroup = (
  group: GroupSimulation,
  size: number,
  change: (member: number) => Partial<Omit<JoinCommand, "_tag" | "replyTo">> = () => ({})
): { readonly members: ReadonlyArray<string>; readonly generation: number } => {
  const joins = Array.from({ length: size }, (_, i) => group.send(join(change(i))))
  group.advance(group.settings.initialRebalanceDelayMs * (size + 2))
  const answers = joins.map((to) => group.answer<JoinReply>(to)!)
  const members = answers.map((answer) => answer.memberId)
  const leader = answers[0]!.leader
  const generation = answers[0]!.generationId
  const instance = (i: number) => ({ groupInstanceId: change(i).groupInstanceId ?? null })
  members.forEach((memberId, i) => {
    if (memberId !== leader) group.send(sync(memberId, generation, {}, instance(i)))
  })
  const assignments = Object.fromEntries(members.map((memberId, i) => [memberId, `a${i}`]))
  group.ask<SyncReply>(sync(leader, generation, assignments, instance(members.indexOf(leader))))
  return { members, generation }
}

export type { ConsumerHeartbeatReply, JoinReply, SyncReply }
