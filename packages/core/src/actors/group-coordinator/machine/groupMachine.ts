import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import { TopicName } from "../../../metadata/TopicName.ts"
import type { CoordinatorMachine } from "../../coordinator-runtime/CoordinatorMachine.ts"
import type { GroupDeadline, GroupReply } from "../GroupEffect.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"
import { decodeRecord } from "../records/decodeRecord.ts"
import { encodeRecord } from "../records/encodeRecord.ts"
import { decide } from "./decide.ts"
import type { GroupCommand } from "./GroupCommand.ts"
import { applySoft, type GroupSoft } from "./GroupDecision.ts"
import { emptyPartitionState, type PartitionState, replay, replayTransactionEnd } from "./PartitionState.ts"

/** The types of the group coordinator. */
export interface GroupCoordination {
  readonly State: PartitionState
  readonly Command: GroupCommand
  readonly Record: CoordinatorRecord
  readonly Reply: GroupReply
  readonly Deadline: GroupDeadline
  readonly Event: never
  readonly Soft: GroupSoft
}

/** Groups as a coordinator; settings and topics are read at each decision. Source: GroupCoordinatorShard. */
export const groupMachine = (surroundings: {
  readonly settingsOf: (groupId: string) => GroupSettings
  readonly topics: () => GroupTopics
}): CoordinatorMachine<GroupCoordination> => ({
  topic: TopicName.groupMetadata,
  empty: emptyPartitionState,
  keyOf: (command) => command.groupId,
  decide: (state, command, nowMs) =>
    decide(state, command, {
      nowMs,
      settings: surroundings.settingsOf(command.groupId),
      topics: surroundings.topics()
    }),
  replay,
  replayTransactionEnd,
  applySoft,
  transactionOf: (command) => command._tag === "Commit" ? command.transaction : undefined,
  encode: encodeRecord,
  decode: decodeRecord,
  *afterLoad(state) {
    for (const groupId of state.groups.keys()) yield { _tag: "Loaded", groupId }
  },
  deadlineKey: ({ memberId, timer }) => `${timer}\u0000${memberId}`,
  expired: (groupId, { memberId, timer }) => ({ _tag: "Timer", groupId, timer, memberId })
})
