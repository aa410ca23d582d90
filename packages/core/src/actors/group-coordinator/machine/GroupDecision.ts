import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import type { ErrorCode } from "../../../model/ErrorCode.ts"
import type { ClassicGroup } from "../classic/ClassicGroup.ts"
import type { ClassicStep } from "../classic/ClassicStep.ts"
import { draftOf } from "../classic/ClassicGroup.ts"
import type { ConsumerStep } from "../consumer/ConsumerStep.ts"
import type { GroupEffect, ReplyTo } from "../GroupEffect.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { LeftMember } from "../classic/leaveGroup.ts"
import type { CommittedTopic } from "../offsets/commit.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import { type PartitionState, replay } from "./PartitionState.ts"

/** What surrounds a decision. */
export interface GroupEnvironment {
  readonly nowMs: number
  /** With the group's own configs applied. */
  readonly settings: GroupSettings
  readonly topics: GroupTopics
}

/** What a command comes to. Applied by {@link applyDecision}; the records are one atomic batch. */
export interface GroupDecision {
  readonly groupId: string
  readonly records: ReadonlyArray<CoordinatorRecord>
  readonly effects: ReadonlyArray<GroupEffect>
  /** Soft state of a classic group, laid over what the records replay to. */
  readonly soft: ClassicGroup | undefined
  /** The consumer group was compared with the topics of this image. */
  readonly checkedImageOffset: number | undefined
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

/** A decision that only answers. */
export const answerOnly = (groupId: string, to: ReplyTo, response: unknown): GroupDecision => ({
  groupId,
  records: [],
  effects: [{ _tag: "Reply", to, response }],
  soft: undefined,
  checkedImageOffset: undefined
})

/** A decision that does nothing. */
export const nothing = (groupId: string): GroupDecision => ({
  groupId,
  records: [],
  effects: [],
  soft: undefined,
  checkedImageOffset: undefined
})

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
  groupId: step.draft.groupId,
  records: step.records,
  effects: step.effects,
  soft: step.draft,
  checkedImageOffset: undefined
})

/** The decision of a finished consumer step. */
export const consumerDecision = (
  groupId: string,
  step: ConsumerStep,
  soft?: ClassicGroup
): GroupDecision => ({
  groupId,
  records: step.records,
  effects: step.effects,
  soft,
  checkedImageOffset: step.checkedImageOffset
})

/** Replays the records of a decision and lays its soft state over them. Effects are the shell's. */
export const applyDecision = (state: PartitionState, decision: GroupDecision, producerId = -1): void => {
  for (const record of decision.records) replay(state, record, producerId)
  const { groupId, soft } = decision
  const group = state.groups.get(groupId)
  if (soft !== undefined) {
    const persisted = group?._tag === "Classic" ? group.persisted : soft.persisted
    state.groups.set(groupId, { ...soft, persisted })
  } else if (group?._tag === "Consumer" && decision.checkedImageOffset !== undefined) {
    group.checkedImageOffset = decision.checkedImageOffset
  }
}
