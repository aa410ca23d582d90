import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { GroupMetadataValue } from "../records/CoordinatorRecord.ts"

/** Source: ClassicGroupState. */
export type ClassicGroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable"

/** The table of transitions: from which states each state may be entered. Source: ClassicGroupState.validPreviousStates. */
const validPreviousStates = {
  Empty: ["PreparingRebalance"],
  PreparingRebalance: ["Stable", "CompletingRebalance", "Empty"],
  CompletingRebalance: ["PreparingRebalance"],
  Stable: ["CompletingRebalance"]
} as const satisfies Record<ClassicGroupState, ReadonlyArray<ClassicGroupState>>

/** An assignment strategy a member knows, with the metadata it sent for it. */
export interface ClassicProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/** A member of a classic group. Never changed in place. Source: ClassicGroupMember. */
export interface ClassicMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** As DescribeGroups shows it, `/127.0.0.1`. */
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** In the member's order of preference. */
  readonly protocols: ReadonlyArray<ClassicProtocol>
  readonly assignment: Uint8Array
  /** The JoinGroup that waits for the join phase to end. */
  readonly awaitingJoin: ReplyTo | undefined
  /** The SyncGroup that waits for the leader's assignment. */
  readonly awaitingSync: ReplyTo | undefined
  /** True until its first join completed: such a member may time out while it waits. */
  readonly isNew: boolean
}

/**
 * A classic group. `persisted` is what the log says and changes by `replay` only; all else is the soft state of a
 * generation in the making, changed by the transitions in this folder, which work on a copy of their own
 * ({@link draftOf}). Source: ClassicGroup.
 */
export interface ClassicGroup {
  readonly _tag: "Classic"
  readonly groupId: string
  readonly state: ClassicGroupState
  /** The state before; `undefined` for a group just made or loaded. */
  readonly previousState: ClassicGroupState | undefined
  /** When the state was entered, milliseconds; -1 when unknown. */
  readonly stateTimestampMs: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly generation: number
  readonly leader: string | null
  /** In order of joining: the first is the next leader. */
  readonly members: ReadonlyMap<string, ClassicMember>
  /** Member id of each group instance id. */
  readonly staticMembers: ReadonlyMap<string, string>
  /** Ids given out with MEMBER_ID_REQUIRED whose owner has not come back yet. */
  readonly pendingJoin: ReadonlySet<string>
  /** Members that have not asked for the assignment of this generation yet. */
  readonly pendingSync: ReadonlySet<string>
  /** Topics of all members' subscriptions; null when they cannot be known. */
  readonly subscribedTopics: ReadonlySet<string> | null
  /** A member joined since the initial delay was last extended. */
  readonly newMemberAdded: boolean
  /** Set during the initial delay only. */
  readonly initialDelay: { readonly delayMs: number; readonly remainingMs: number } | undefined
  /** The newest record of this group; null before the first one. */
  readonly persisted: GroupMetadataValue | null
}

/** A group that a transition may write to: its own copy. */
export type ClassicDraft =
  & {
    -readonly [Key in keyof Omit<ClassicGroup, "members" | "staticMembers" | "pendingJoin" | "pendingSync">]:
      ClassicGroup[Key]
  }
  & {
    members: Map<string, ClassicMember>
    staticMembers: Map<string, string>
    pendingJoin: Set<string>
    pendingSync: Set<string>
  }

/** An assignment of nothing, also the answer to a member the leader left out. */
export const noBytes: Uint8Array = new Uint8Array(0)

/** The protocol type whose metadata the broker understands. Source: ConsumerProtocol.PROTOCOL_TYPE. */
export const consumerProtocolType = "consumer"

/** A group without members, as it is when first heard of. */
export const emptyClassicGroup = (groupId: string, nowMs: number): ClassicGroup => ({
  _tag: "Classic",
  groupId,
  state: "Empty",
  previousState: undefined,
  stateTimestampMs: nowMs,
  protocolType: null,
  protocolName: null,
  generation: 0,
  leader: null,
  members: new Map(),
  staticMembers: new Map(),
  pendingJoin: new Set(),
  pendingSync: new Set(),
  subscribedTopics: null,
  newMemberAdded: false,
  initialDelay: undefined,
  persisted: null
})

/** A copy that a transition may write to. */
export const draftOf = (group: ClassicGroup): ClassicDraft => ({
  ...group,
  members: new Map(group.members),
  staticMembers: new Map(group.staticMembers),
  pendingJoin: new Set(group.pendingJoin),
  pendingSync: new Set(group.pendingSync)
})

/** Enters a state; dies when the table of transitions forbids it. */
export const transitionTo = (draft: ClassicDraft, state: ClassicGroupState, nowMs: number): void => {
  const allowed: ReadonlyArray<ClassicGroupState> = validPreviousStates[state]
  if (!allowed.includes(draft.state)) {
    throw new Error(`group ${draft.groupId} cannot move from ${draft.state} to ${state}`)
  }
  draft.previousState = draft.state
  draft.state = state
  draft.stateTimestampMs = nowMs
}

/** Source: ClassicGroup.usesConsumerGroupProtocol. */
export const usesConsumerProtocol = (group: ClassicGroup): boolean => group.protocolType === consumerProtocolType

/** Source: ClassicGroup.isSubscribedToTopic: unknown subscriptions of consumers count as subscribed. */
export const isSubscribedToTopic = (group: ClassicGroup, topic: string): boolean =>
  group.subscribedTopics === null ? usesConsumerProtocol(group) : group.subscribedTopics.has(topic)

/** Members that have joined the next generation, and whether no id is outstanding. Source: hasAllMembersJoined. */
export const hasAllMembersJoined = (group: ClassicGroup): boolean => {
  if (group.pendingJoin.size > 0) return false
  for (const member of group.members.values()) if (member.awaitingJoin === undefined) return false
  return true
}

/** The longest time any member asks for; milliseconds. Source: ClassicGroup.rebalanceTimeoutMs. */
export const rebalanceTimeoutMs = (group: ClassicGroup): number => {
  let timeoutMs = 0
  for (const member of group.members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs)
  return timeoutMs
}

/** The metadata a member sent for a protocol; no bytes when it does not know it. */
export const metadataOf = (member: ClassicMember, protocolName: string | null): Uint8Array => {
  for (const protocol of member.protocols) if (protocol.name === protocolName) return protocol.metadata
  return noBytes
}
