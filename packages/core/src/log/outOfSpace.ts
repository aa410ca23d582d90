import { Effect } from "effect"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { LogFilesError } from "../seams/LogFiles.ts"
import { LogStoreError } from "./LogStore.ts"

/** Whether a file could not be written for want of space; a failed sync is more than that, whatever its reason. */
export const isOutOfSpace = (error: { readonly _tag: string }): boolean => {
  if (error._tag !== "LogFilesError") return false
  const { operation, reason } = error as LogFilesError
  return reason === "NoSpace" && !operation.startsWith("sync")
}

/** One change of a log did not take place for want of space; nothing is wrong with the log. */
export const refusedChange = ({ partition, topic }: TopicPartition, message: string): LogStoreError =>
  new LogStoreError({ topic, partition, reason: "NoSpace", message })

/**
 * Fails with `error`, after `undo` when it was for want of space: so that `NoSpace` says that nothing is left of what was
 * being written. When that fails, its error is told, which is not `NoSpace` then.
 */
export const undoing = (
  error: LogFilesError,
  undo: Effect.Effect<void, LogFilesError>
): Effect.Effect<never, LogFilesError> =>
  error.reason !== "NoSpace" ? Effect.fail(error) : Effect.matchEffect(undo, {
    onFailure: ({ message, operation, path }) =>
      Effect.fail(new LogFilesError({ operation, path, reason: "Io", message })),
    onSuccess: () => Effect.fail(error)
  })
