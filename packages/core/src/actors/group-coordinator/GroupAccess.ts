import { Effect } from "effect"
import type { GroupSettings } from "../../config/broker-settings/GroupSettings.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import type { CoordinatorPartition, CoordinatorServices, Waiter } from "./CoordinatorPartition.ts"
import type { CoordinatorPartitions } from "./CoordinatorPartitions.ts"
import type { ReplyTo } from "./GroupEffect.ts"
import type { GroupTopics } from "./GroupTopics.ts"
import type { GroupCommand } from "./machine/GroupCommand.ts"
import type { PartitionState } from "./machine/PartitionState.ts"
import type { OffsetTransaction } from "./records/recordBatch.ts"

/** How the operations reach the partition of a group. */
export interface GroupAccess {
  readonly settings: GroupSettings
  readonly topics: () => GroupTopics
  /** A random UUID in Java's text form. */
  readonly freshUuid: () => string
  /** The partitions led here. */
  readonly partitions: () => ReadonlyArray<CoordinatorPartition>
  readonly submit: (
    groupId: string,
    command: (replyTo: ReplyTo) => GroupCommand,
    waiter: Waiter,
    transaction?: OffsetTransaction
  ) => () => void
  /** As `submit`, as an effect; `failed` makes the answer of a code. */
  readonly ask: <Response>(
    groupId: string,
    command: (replyTo: ReplyTo) => GroupCommand,
    failed: (errorCode: ErrorCode) => Response,
    transaction?: OffsetTransaction
  ) => Effect.Effect<Response>
  /** Reads what is committed. */
  readonly read: <Response>(
    groupId: string,
    use: (state: PartitionState) => Response,
    failed: (errorCode: ErrorCode) => Response
  ) => Effect.Effect<Response>
}

/** Groups whose topic does not exist yet are answered with NOT_COORDINATOR (16). */
export const makeGroupAccess = (
  partitions: CoordinatorPartitions,
  services: CoordinatorServices,
  uuid: () => string
): GroupAccess => {
  const submit: GroupAccess["submit"] = (groupId, command, waiter, transaction) => {
    const partition = partitions.of(groupId)
    if (partition !== undefined) return partition.submit(command, waiter, transaction)
    // The topic is made when a client asks for its coordinator.
    waiter.fail(ErrorCode.NOT_COORDINATOR)
    return () => {}
  }
  return {
    settings: services.settings,
    topics: services.topics,
    freshUuid: uuid,
    partitions: () => partitions.led(),
    submit,
    ask: <Response>(
      groupId: string,
      command: (replyTo: ReplyTo) => GroupCommand,
      failed: (errorCode: ErrorCode) => Response,
      transaction?: OffsetTransaction
    ) =>
      Effect.callback<Response>((resume) => {
        const abandon = submit(groupId, command, {
          complete: (response) => resume(Effect.succeed(response as Response)),
          fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
        }, transaction)
        return Effect.sync(abandon)
      }),
    read: (groupId, use, failed) =>
      Effect.callback((resume) => {
        const partition = partitions.of(groupId)
        if (partition === undefined) return resume(Effect.succeed(failed(ErrorCode.NOT_COORDINATOR)))
        partition.read(use, {
          complete: (response) => resume(Effect.succeed(response as ReturnType<typeof use>)),
          fail: (errorCode) => resume(Effect.succeed(failed(errorCode)))
        })
      })
  }
}
