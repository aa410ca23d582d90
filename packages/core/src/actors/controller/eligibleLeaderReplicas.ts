/**
 * What eligible leader replicas (KIP-966) ask of `min.insync.replicas`: all brokers must agree on one value, so a cluster
 * has one of its own from the beginning, and no broker may have another.
 */
import { FeatureName } from "../../metadata/FeatureName.ts"
import { configResourceTypeIds, type MetadataImage } from "../../metadata/MetadataImage.ts"
import type { MetadataRecord, MetadataRecordOf } from "../../metadata/MetadataRecord.ts"
import { ErrorCode } from "../../model/ErrorCode.ts"
import { type OperationError, operationError } from "../../model/OperationError.ts"

const minInsyncReplicas = "min.insync.replicas"

const isEnabled = (image: MetadataImage): boolean => (image.features.get(FeatureName.eligibleLeaderReplicas) ?? 0) > 0

/**
 * The bootstrap records and, when they turn the feature on, the cluster-wide `min.insync.replicas` with the value the
 * broker was started with. Source: ConfigurationControlManager.maybeGenerateElrSafetyRecords.
 */
export const withClusterMinInsyncReplicas = (
  bootstrapRecords: ReadonlyArray<MetadataRecord>,
  value: string
): ReadonlyArray<MetadataRecord> => {
  const turnedOn = bootstrapRecords.some((record) =>
    record._tag === "FeatureLevel" && record.name === FeatureName.eligibleLeaderReplicas && record.featureLevel > 0
  )
  if (!turnedOn) return bootstrapRecords
  const resourceType = configResourceTypeIds.BROKER
  return [...bootstrapRecords, { _tag: "Config", resourceType, resourceName: "", name: minInsyncReplicas, value }]
}

/**
 * Refuses a value for one broker and the removal of the cluster's while the feature is on.
 * Source: ConfigurationControlManager.isDisallowedBrokerMinIsrTransition, isDisallowedClusterMinIsrTransition.
 */
export const refuseMinInsyncReplicas = (
  image: MetadataImage,
  record: MetadataRecordOf<"Config">
): OperationError | undefined => {
  if (record.name !== minInsyncReplicas || record.resourceType !== configResourceTypeIds.BROKER) return undefined
  if (!isEnabled(image)) return undefined
  if (record.resourceName !== "") {
    const message = "Broker-level min.insync.replicas cannot be altered while ELR is enabled."
    return operationError(ErrorCode.INVALID_CONFIG, message)
  }
  if (record.value !== null) return undefined
  const message = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."
  return operationError(ErrorCode.INVALID_CONFIG, message)
}

/**
 * The records that clear the eligible leaders of what these config changes concern: they were chosen under the old value.
 * Source: ConfigurationControlManager.createClearElrRecordsAsNeeded.
 */
export const clearEligibleLeaders = (
  image: MetadataImage,
  changes: ReadonlyArray<MetadataRecord>
): ReadonlyArray<MetadataRecord> => {
  if (!isEnabled(image)) return []
  return changes.flatMap((change): ReadonlyArray<MetadataRecord> => {
    if (change._tag !== "Config" || change.name !== minInsyncReplicas) return []
    const isTopic = change.resourceType === configResourceTypeIds.TOPIC
    return [{ _tag: "ClearElr", topicName: isTopic ? change.resourceName : "" }]
  })
}
