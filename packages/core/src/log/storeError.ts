import type { TopicPartition } from "../model/TopicPartition.ts"
import type { LogFilesError } from "../seams/LogFiles.ts"
import { LogStoreError } from "./LogStore.ts"
import { isOutOfSpace, refusedChange } from "./outOfSpace.ts"
import type { LogDamagedError } from "./recoverSegment.ts"

/** A failed operation on a file in one line. */
export const fileTrouble = ({ message, operation, path, reason }: LogFilesError): string =>
  `cannot ${operation} ${path === "" ? "the log directory" : path}: ${message} (${reason})`

/** What a caller of the store is told about a trouble with files. */
export const storeError = (topicPartition: TopicPartition, error: LogFilesError | LogDamagedError): LogStoreError =>
  new LogStoreError({
    topic: topicPartition.topic,
    partition: topicPartition.partition,
    reason: error._tag === "LogDamagedError" ? "Damaged" : "Storage",
    message: error._tag === "LogDamagedError" ? error.message : fileTrouble(error)
  })

/** A log that is not open cannot be torn: for want of space the same may be tried again. */
export const closedLogError = (
  topicPartition: TopicPartition,
  error: LogFilesError | LogDamagedError
): LogStoreError => {
  const failed = storeError(topicPartition, error)
  return isOutOfSpace(error) ? refusedChange(topicPartition, failed.message) : failed
}
