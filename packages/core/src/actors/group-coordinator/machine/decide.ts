import {
  decideClassicLoaded,
  decideClassicTimer,
  decideHeartbeat,
  decideJoin,
  decideLeave,
  decideSync
} from "./decideClassic.ts"
import { decideConsumerHeartbeat, decideConsumerLoaded, decideConsumerTimer } from "./decideConsumer.ts"
import {
  decideCommit,
  decideDeleteGroup,
  decideDeleteOffsets,
  decideExpireOffsets,
  decideTopicsDeleted
} from "./decideOffsets.ts"
import type { GroupCommand } from "./GroupCommand.ts"
import { type GroupDecision, type GroupEnvironment, nothing } from "./GroupDecision.ts"
import type { PartitionState } from "./PartitionState.ts"

/**
 * What a command comes to, without changing anything: replay and `applySoft` do. Each operation is in the file of its
 * name. Source: GroupCoordinatorShard.
 */
export const decide = (
  state: PartitionState,
  command: GroupCommand,
  environment: GroupEnvironment
): GroupDecision => {
  const group = state.groups.get(command.groupId)
  switch (command._tag) {
    case "Join":
      return decideJoin(group, command, environment)
    case "Sync":
      return decideSync(group, command, environment)
    case "Heartbeat":
      return decideHeartbeat(group, command, environment)
    case "Leave":
      return decideLeave(group, command, environment)
    case "ConsumerHeartbeat":
      return decideConsumerHeartbeat(group, command, environment)
    case "Commit":
      return decideCommit(group, command, environment)
    case "DeleteOffsets":
      return decideDeleteOffsets(state, group, command)
    case "DeleteGroup":
      return decideDeleteGroup(state, group, command)
    case "ExpireOffsets":
      return group === undefined ? nothing : decideExpireOffsets(state, group, environment)
    case "TopicsDeleted":
      return decideTopicsDeleted(state, command)
    case "Timer":
      if (group === undefined) return nothing
      return group._tag === "Classic"
        ? decideClassicTimer(group, command, environment)
        : decideConsumerTimer(group, command, environment)
    case "Loaded":
      if (group === undefined) return nothing
      return group._tag === "Classic"
        ? decideClassicLoaded(group, environment)
        : decideConsumerLoaded(group, environment)
  }
}
