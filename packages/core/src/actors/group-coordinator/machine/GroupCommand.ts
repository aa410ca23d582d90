import type { JoinCommand } from "../classic/JoinCommand.ts"
import type { LeavingMember } from "../classic/leaveGroup.ts"
import type { SyncCommand } from "../classic/syncGroup.ts"
import type { CommitIdentity } from "../classic/validateCommit.ts"
import type { ConsumerHeartbeatCommand } from "../consumer/heartbeat.ts"
import type { RecordTransaction, ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { TimerKind } from "../GroupEffect.ts"
import type { CommitTopic } from "../offsets/commit.ts"

/** A Heartbeat of the classic protocol. */
export interface HeartbeatCommand {
  readonly _tag: "Heartbeat"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
}

/** A LeaveGroup; versions before 3 name one member. */
export interface LeaveCommand {
  readonly _tag: "Leave"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly members: ReadonlyArray<LeavingMember>
}

/** An OffsetCommit or TxnOffsetCommit, topics by name. */
export interface CommitCommand {
  readonly _tag: "Commit"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly identity: CommitIdentity
  readonly apiVersion: number
  /** -1 for the broker's retention. */
  readonly retentionTimeMs: number
  readonly topics: ReadonlyArray<CommitTopic>
  /** Set for a TxnOffsetCommit: the offsets count once the transaction commits. */
  readonly transaction: RecordTransaction | undefined
}

/** An OffsetDelete. */
export interface DeleteOffsetsCommand {
  readonly _tag: "DeleteOffsets"
  readonly replyTo: ReplyTo
  readonly groupId: string
  readonly topics: ReadonlyArray<{ readonly name: string; readonly partitions: ReadonlyArray<number> }>
}

/** One group of a DeleteGroups. */
export interface DeleteGroupCommand {
  readonly _tag: "DeleteGroup"
  readonly replyTo: ReplyTo
  readonly groupId: string
}

/** A deadline passed. */
export interface TimerCommand {
  readonly _tag: "Timer"
  readonly groupId: string
  readonly timer: TimerKind
  readonly memberId: string
}

/** The regular search for offsets whose time is over. */
export interface ExpireOffsetsCommand {
  readonly _tag: "ExpireOffsets"
  readonly groupId: string
}

/** Topics were deleted; their offsets mean nothing any more. */
export interface TopicsDeletedCommand {
  readonly _tag: "TopicsDeleted"
  readonly groupId: string
  readonly topics: ReadonlySet<string>
}

/** The coordinator was loaded: deadlines begin. */
export interface LoadedCommand {
  readonly _tag: "Loaded"
  readonly groupId: string
}

/** What can be asked of a group. */
export type GroupCommand =
  | JoinCommand
  | SyncCommand
  | HeartbeatCommand
  | LeaveCommand
  | ConsumerHeartbeatCommand
  | CommitCommand
  | DeleteOffsetsCommand
  | DeleteGroupCommand
  | TimerCommand
  | ExpireOffsetsCommand
  | TopicsDeletedCommand
  | LoadedCommand
