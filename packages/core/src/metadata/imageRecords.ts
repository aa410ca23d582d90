import type { ClusterImage } from "./ClusterImage.ts"
import { FeatureName } from "./FeatureName.ts"
import { type ConfigResourceType, configResourceTypeIds, type TopicImage } from "./MetadataImage.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"

const topicRecords = ({ id, name, partitions }: TopicImage): ReadonlyArray<MetadataRecord> => [
  { _tag: "Topic", name, topicId: id },
  ...partitions.map(({ partition, ...registration }): MetadataRecord => ({
    _tag: "Partition",
    partitionId: partition,
    topicId: id,
    ...registration,
    // An empty list is written as none, as Kafka does. Source: PartitionRegistration.toRecord.
    eligibleLeaderReplicas: registration.eligibleLeaderReplicas.length > 0 ? registration.eligibleLeaderReplicas : null,
    lastKnownElr: registration.lastKnownElr.length > 0 ? registration.lastKnownElr : null
  }))
]

const configRecords = (
  type: ConfigResourceType,
  resourceName: string,
  configs: ReadonlyMap<string, string>
): ReadonlyArray<MetadataRecord> =>
  Array.from(configs, ([name, value]) => ({
    _tag: "Config",
    resourceType: configResourceTypeIds[type],
    resourceName,
    name,
    value
  }))

const resourceTypes = Object.keys(configResourceTypeIds) as ReadonlyArray<ConfigResourceType>

/**
 * The records that make this image out of nothing: what a snapshot holds. Not of an image inside a transaction, whose
 * records are in no image yet. Source: MetadataImage.write, in its order.
 */
export const imageRecords = function*(image: ClusterImage): Iterable<MetadataRecord> {
  const { features, nextProducerId, otherRecords, registrations, resourceConfigs } = image.parts
  // Every record after it is written in the version that this one allows.
  const levels = Array.from(features).sort(([a], [b]) =>
    Number(b === FeatureName.metadata) - Number(a === FeatureName.metadata)
  )
  for (const [name, featureLevel] of levels) yield { _tag: "FeatureLevel", name, featureLevel }
  for (const { epoch, id, ...fields } of registrations.values()) {
    yield { _tag: "RegisterBroker", brokerId: id, brokerEpoch: epoch, isMigratingZkBroker: false, ...fields }
  }
  const topics = image.topics()
  for (const topic of topics) yield* topicRecords(topic)
  for (const { configs, name } of topics) yield* configRecords("TOPIC", name, configs)
  for (const [key, configs] of resourceConfigs) {
    const type = resourceTypes.find((each) => key.startsWith(`${each}:`))!
    yield* configRecords(type, key.slice(type.length + 1), configs)
  }
  if (nextProducerId > 0) yield { _tag: "ProducerIds", brokerId: -1, brokerEpoch: -1, nextProducerId }
  yield* otherRecords.values()
}
