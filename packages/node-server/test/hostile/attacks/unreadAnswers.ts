/** A1: answers that nobody reads. */
import { DescribeConfigs } from "../../../../core/src/protocol/apis/DescribeConfigs.ts"
import { Fetch } from "../../../../core/src/protocol/apis/Fetch.ts"
import { Metadata } from "../../../../core/src/protocol/apis/Metadata.ts"
import { Produce } from "../../../../core/src/protocol/apis/Produce.ts"
import { Uuid } from "../../../../core/src/model/Uuid.ts"
import { buildBatch } from "../../../../core/src/protocol/records/RecordBatchBuilder.ts"
import { SocketClient } from "../../crash/SocketClient.ts"
import { frameOf } from "../Peer.ts"
import { type Attack, connectMany, createTopics, MIB, produceOf, untilOver } from "./Attack.ts"

const fetchOf = (topic: string, maxBytes: number) => ({
  replicaId: -1,
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes,
  isolationLevel: 0,
  topics: [{ topic, topicId: Uuid.zero, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: maxBytes }] }],
  forgottenTopicsData: []
})

/** A topic with so many records of so many bytes. */
const filledTopic = async (port: number, topic: string, count: number, valueBytes: number): Promise<void> => {
  await createTopics(port, [topic])
  const client = await SocketClient.connect(port)
  const value = new Uint8Array(valueBytes).fill(120)
  for (let i = 0; i < count; i++) {
    const { responses } = await client.request(
      Produce,
      11,
      produceOf(topic, [buildBatch([{ key: null, value, timestamp: 1_700_000_000_000 }])])
    )
    const { errorCode } = responses[0]!.partitionResponses[0]!
    if (errorCode !== 0) throw new Error(`produce: error ${errorCode}`)
  }
  client.close()
}

const unread = (
  name: string,
  connections: number,
  pipelined: number,
  makeFrame: (port: number) => Promise<Uint8Array>
): Attack => ({
  kind: "A1",
  name,
  prepare: async (field) => {
    const frame = await makeFrame(field.port)
    const burst = Buffer.concat(Array.from({ length: pipelined }, () => frame))
    return async () => {
      const peers = await connectMany(field.port, connections)
      for (const peer of peers) void peer.write(burst)
      await untilOver(field, peers)
    }
  }
})

export const unreadAnswers: ReadonlyArray<Attack> = [
  unread("100 unread fetches of 50 MiB", 100, 1, async (port) => {
    await filledTopic(port, "large", 60, 900_000)
    return Buffer.concat(frameOf(Fetch, 4, fetchOf("large", 50 * MIB)))
  }),
  unread("1,000 connections with 100 fetches each, unread", 1000, 100, async (port) => {
    await filledTopic(port, "many", 60, 100_000)
    return Buffer.concat(frameOf(Fetch, 4, fetchOf("many", 5 * MIB)))
  }),
  unread("300 unread answers of Metadata of 3 MiB", 300, 1, async () => {
    const topics = Array.from(
      { length: 50_000 },
      (_, i) => ({ topicId: Uuid.zero, name: `a-topic-that-is-not-there-${i}` })
    )
    await Promise.resolve()
    return Buffer.concat(frameOf(Metadata, 7, {
      topics,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false
    }))
  }),
  unread("200 connections with 200 DescribeConfigs each, unread", 200, 200, async () => {
    await Promise.resolve()
    return Buffer.concat(frameOf(DescribeConfigs, 4, {
      resources: [{ resourceType: 4, resourceName: "1", configurationKeys: null }],
      includeSynonyms: true,
      includeDocumentation: true
    }))
  })
]
