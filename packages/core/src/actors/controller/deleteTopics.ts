import { ErrorCode } from "../../model/ErrorCode.ts"
import type { Uuid } from "../../model/Uuid.ts"
import type { MetadataImage } from "../../metadata/MetadataImage.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import type { ControllerDecision } from "./Controller.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"

/**
 * Decides the end of topics; one outcome for each id, undefined when it goes.
 * Source: ReplicationControlManager.deleteTopics.
 */
export const decideDeleteTopics = (
  image: MetadataImage,
  topicIds: ReadonlyArray<Uuid>
): ControllerDecision<ReadonlyArray<OperationError | undefined>> => {
  const records: Array<MetadataRecord> = []
  const reply = topicIds.map((topicId) => {
    if (image.topicById(topicId) === undefined) return operationError(ErrorCode.UNKNOWN_TOPIC_ID)
    records.push({ _tag: "RemoveTopic", topicId })
    return undefined
  })
  return { records, reply }
}
