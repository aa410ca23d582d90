import { ApiVersions } from "../../../packages/core/src/protocol/apis/ApiVersions.ts"
import { CreateTopics } from "../../../packages/core/src/protocol/apis/CreateTopics.ts"
import { DeleteTopics } from "../../../packages/core/src/protocol/apis/DeleteTopics.ts"
import { ListOffsets } from "../../../packages/core/src/protocol/apis/ListOffsets.ts"
import { Metadata } from "../../../packages/core/src/protocol/apis/Metadata.ts"
import type { Uuid } from "../../../packages/core/src/model/Uuid.ts"
import { decodeRequestHeader, encodeResponse } from "../../../packages/core/src/protocol/Frame.ts"
import { ByteReader } from "../../../packages/core/src/protocol/wire/ByteReader.ts"
import type { FloorTopics } from "./FloorTopics.ts"

const noTopicId = "AAAAAAAAAAAAAAAAAAAAAA" as Uuid
/** Key, lowest and highest version. */
const served = [[0, 9, 12], [1, 12, 12], [2, 5, 5], [3, 9, 9], [18, 0, 4], [19, 5, 5], [20, 5, 5]] as const

const apiVersions = (version: number, correlationId: number): Array<Uint8Array> =>
  encodeResponse(ApiVersions, version, correlationId, {
    errorCode: 0,
    apiKeys: served.map(([apiKey, minVersion, maxVersion]) => ({ apiKey, minVersion, maxVersion })),
    supportedFeatures: [],
    finalizedFeatures: []
  })

const metadata = (
  topics: FloorTopics,
  port: number,
  version: number,
  correlationId: number,
  reader: ByteReader
): Array<Uint8Array> => {
  const request = Metadata.request.decode(reader, version)
  return encodeResponse(Metadata, version, correlationId, {
    brokers: [{ nodeId: 1, host: "127.0.0.1", port }],
    controllerId: 1,
    errorCode: 0,
    topics: (request.topics ?? []).map(({ name }) => {
      const topic = topics.byName.get(name ?? "")
      return {
        errorCode: topic === undefined ? 3 : 0,
        name: name ?? "",
        topicId: noTopicId,
        partitions: (topic?.partitions ?? []).map((_, partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          replicaNodes: [1],
          isrNodes: [1],
          offlineReplicas: []
        }))
      }
    })
  })
}

const listOffsets = (topics: FloorTopics, version: number, correlationId: number, reader: ByteReader) =>
  encodeResponse(ListOffsets, version, correlationId, {
    topics: ListOffsets.request.decode(reader, version).topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        const partition = topics.byName.get(name)?.partitions[partitionIndex]
        return { partitionIndex, errorCode: partition === undefined ? 3 : 0, offset: partition?.highWatermark ?? -1 }
      })
    }))
  })

const createTopics = (topics: FloorTopics, version: number, correlationId: number, reader: ByteReader) => {
  const request = CreateTopics.request.decode(reader, version)
  return encodeResponse(CreateTopics, version, correlationId, {
    topics: request.topics.map(({ name, numPartitions, configs }) => {
      const isSynced = configs.some((config) => config.name === "flush.messages" && config.value === "1")
      const isNew = topics.create(name, numPartitions, isSynced)
      return { name, topicId: noTopicId, errorCode: isNew ? 0 : 36, errorMessage: null, configs: null }
    })
  })
}

const deleteTopics = (topics: FloorTopics, version: number, correlationId: number, reader: ByteReader) => {
  const request = DeleteTopics.request.decode(reader, version)
  return encodeResponse(DeleteTopics, version, correlationId, {
    responses: request.topicNames.map((name) => ({ name, topicId: noTopicId, errorCode: topics.delete(name) ? 0 : 3 }))
  })
}

/** The requests outside of any measurement, through core's codecs. */
export const control = (topics: FloorTopics, port: number, frame: Uint8Array): Array<Uint8Array> => {
  const reader = new ByteReader(frame)
  const { apiKey, apiVersion, correlationId } = decodeRequestHeader(reader)
  if (apiKey === ApiVersions.key) return apiVersions(apiVersion, correlationId)
  if (apiKey === ListOffsets.key) return listOffsets(topics, apiVersion, correlationId, reader)
  if (apiKey === Metadata.key) return metadata(topics, port, apiVersion, correlationId, reader)
  if (apiKey === CreateTopics.key) return createTopics(topics, apiVersion, correlationId, reader)
  if (apiKey === DeleteTopics.key) return deleteTopics(topics, apiVersion, correlationId, reader)
  throw new Error(`the floor does not serve API ${apiKey}`)
}
