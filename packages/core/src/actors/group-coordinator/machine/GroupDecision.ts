import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import type { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ClassicGroup } from "../classic/ClassicGroup.ts"
import type { ClassicStep } from "../classic/ClassicStep.ts"
import { draftOf } from "../classic/ClassicGroup.ts"
import type { ConsumerStep } from "../consumer/ConsumerStep.ts"
import type { ReplyTo } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { GroupEffect, GroupReply } from "../GroupEffect.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { LeftMember } from "../classic/leaveGroup.ts"
import type { CommittedTopic } from "../offsets/commit.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import type { PartitionState } from "./PartitionState.ts"

/** What surrounds a decision. */
export interface GroupEnvironment {
  readonly nowMs: number
  /** With the group's own configs applied. */
  readonly settings: GroupSettings
  readonly topics: GroupTopics
}

/** What of a group changes without a record; it begins anew when the group is loaded. */
export interface GroupSoft {
  readonly groupId: string
  /** Laid over what the records of a classic group replay to. */
  readonly classic: ClassicGroup | undefined
  /** The consumer group was compared with the topics of this image. */
  readonly checkedImageOffset: number | undefined
}

/** What a command comes to; the records are one atomic batch. */
export interface GroupDecision {
  readonly records: ReadonlyArray<CoordinatorRecord>
  readonly effects: ReadonlyArray<GroupEffect>
  readonly soft: GroupSoft | undefined
}

/** Answer to a Heartbeat, and to whatever else is answered by a code alone. */
export interface CodeReply {
  readonly errorCode: ErrorCode
}

/** Answer to a LeaveGroup. */
export interface LeaveReply extends CodeReply {
  readonly members: ReadonlyArray<LeftMember>
}

/** Answer to a commit or a deletion of offsets: a code for all, or one per partition. */
export interface OffsetsReply extends CodeReply {
  readonly topics: ReadonlyArray<CommittedTopic>
}

/** An answer of a code alone. */
export const codeReply = (errorCode: ErrorCode): GroupReply => ({ _tag: "Code", response: { errorCode } })

/** A decision that only answers. */
export const answerOnly = (to: ReplyTo, reply: GroupReply): GroupDecision => ({
  records: [],
  effects: [{ _tag: "Reply", to, reply }],
  soft: undefined
})

/** The decision that does nothing. */
export const nothing: GroupDecision = { records: [], effects: [], soft: undefined }

/** Begins a transition of a classic group. */
export const classicStep = (group: ClassicGroup, environment: GroupEnvironment): ClassicStep => ({
  draft: draftOf(group),
  records: [],
  effects: [],
  nowMs: environment.nowMs,
  settings: environment.settings
})

/** Begins a decision about a consumer group. */
export const consumerStep = (
  environment: GroupEnvironment,
  mayDescribe: (topic: string) => boolean = () => true
): ConsumerStep => ({
  records: [],
  effects: [],
  nowMs: environment.nowMs,
  settings: environment.settings,
  topics: environment.topics,
  mayDescribe,
  checkedImageOffset: undefined
})

/** The decision of a finished classic transition. */
export const classicDecision = (step: ClassicStep): GroupDecision => ({
  records: step.records,
  effects: step.effects,
  soft: { groupId: step.draft.groupId, classic: step.draft, checkedImageOffset: undefined }
})

/** The decision of a finished consumer step. */
export const consumerDecision = (groupId: string, step: ConsumerStep, classic?: ClassicGroup): GroupDecision => ({
  records: step.records,
  effects: step.effects,
  soft: { groupId, classic, checkedImageOffset: step.checkedImageOffset }
})

/** Lays the soft state of a decision over what its records replayed to. */
export const applySoft = (state: PartitionState, { checkedImageOffset, classic, groupId }: GroupSoft): void => {
  const group = state.groups.get(groupId)
  if (classic !== undefined) {
    const persisted = group?._tag === "Classic" ? group.persisted : classic.persisted
    state.groups.set(groupId, { ...classic, persisted })
  } else if (group?._tag === "Consumer" && checkedImageOffset !== undefined) {
    group.checkedImageOffset = checkedImageOffset
  }
}
