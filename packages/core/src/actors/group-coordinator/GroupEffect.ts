import type { CoordinatorEffect } from "../coordinator-runtime/CoordinatorMachine.ts"
import type { JoinReply, SyncReply } from "./classic/ClassicStep.ts"
import type { ConsumerHeartbeatReply } from "./consumer/heartbeat.ts"
import type { CodeReply, LeaveReply, OffsetsReply } from "./machine/GroupDecision.ts"

/**
 * The deadlines of a group. `Session` and the `Member…` kinds exist once per member, `Join` and `Sync` once per group
 * (member id empty).
 *
 * - `Session`: no heartbeat in time.
 * - `Join`: the end of a classic group's join phase (initial delay or rebalance timeout).
 * - `Sync`: members of a classic group that did not fetch their assignment.
 * - `MemberRebalance`: a member of a consumer group that did not give up its partitions.
 * - `MemberJoin`, `MemberSync`: a classic member of a consumer group that did not join or sync.
 */
export type TimerKind = "Session" | "Join" | "Sync" | "MemberRebalance" | "MemberJoin" | "MemberSync"

/** Names a deadline of a group. */
export interface GroupDeadline {
  readonly timer: TimerKind
  readonly memberId: string
}

/** An answer to a command of a group, by what asked for it; `Code` answers a Heartbeat and a DeleteGroups. */
export type GroupReply =
  | { readonly _tag: "Join"; readonly response: JoinReply }
  | { readonly _tag: "Sync"; readonly response: SyncReply }
  | { readonly _tag: "Leave"; readonly response: LeaveReply }
  | { readonly _tag: "Code"; readonly response: CodeReply }
  | { readonly _tag: "ConsumerHeartbeat"; readonly response: ConsumerHeartbeatReply }
  | { readonly _tag: "Offsets"; readonly response: OffsetsReply }

/** What a decision wants done once its records are appended. */
export type GroupEffect = CoordinatorEffect<{ Reply: GroupReply; Deadline: GroupDeadline; Event: never }>
