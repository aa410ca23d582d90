import { type apis, type RequestOf, type ResponseInputOf, Uuid } from "@kafka-broker/core/protocol"

/** APIs that can be answered with an error code alone. */
export type ApiWithErrorAnswer =
  | "ConsumerGroupHeartbeat"
  | "CreateTopics"
  | "DeleteTopics"
  | "Fetch"
  | "FindCoordinator"
  | "Heartbeat"
  | "InitProducerId"
  | "JoinGroup"
  | "LeaveGroup"
  | "ListOffsets"
  | "Metadata"
  | "OffsetCommit"
  | "OffsetFetch"
  | "Produce"
  | "SyncGroup"

type ErrorAnswers = {
  readonly [Name in ApiWithErrorAnswer]: (
    request: RequestOf<(typeof apis)[Name]>,
    errorCode: number
  ) => ResponseInputOf<(typeof apis)[Name]>
}

const failedTopics = (
  topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: ReadonlyArray<{ readonly partitionIndex: number }>
  }>,
  errorCode: number
) =>
  topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((one) => ({ partitionIndex: one.partitionIndex, errorCode }))
  }))

/** The answer that gives everything in a request one error code, for the APIs that clients depend on. */
export const errorAnswers: ErrorAnswers = {
  Produce: ({ topicData }, errorCode) => ({
    responses: topicData.map(({ name, partitionData, topicId }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode,
        baseOffset: -1,
        recordErrors: []
      }))
    }))
  }),
  Fetch: ({ topics }, errorCode) => ({
    errorCode: topics.length === 0 ? errorCode : 0,
    responses: topics.map(({ partitions, topic, topicId }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode,
        highWatermark: -1,
        abortedTransactions: null,
        records: null
      }))
    }))
  }),
  ListOffsets: ({ topics }, errorCode) => ({ topics: failedTopics(topics, errorCode) }),
  Metadata: ({ topics }, errorCode) => ({
    brokers: [],
    errorCode,
    topics: (topics ?? []).map(({ name, topicId }) => ({ errorCode, name, topicId, partitions: [] }))
  }),
  FindCoordinator: ({ coordinatorKeys }, errorCode) => ({
    errorCode,
    errorMessage: null,
    nodeId: -1,
    host: "",
    port: -1,
    coordinators: coordinatorKeys.map((key) => ({ key, nodeId: -1, host: "", port: -1, errorCode, errorMessage: null }))
  }),
  JoinGroup: ({ memberId }, errorCode) => ({ errorCode, protocolName: "", leader: "", memberId, members: [] }),
  SyncGroup: (_, errorCode) => ({ errorCode, assignment: new Uint8Array(0) }),
  Heartbeat: (_, errorCode) => ({ errorCode }),
  LeaveGroup: (_, errorCode) => ({ errorCode, members: [] }),
  OffsetCommit: ({ topics }, errorCode) => ({
    topics: topics.map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
    }))
  }),
  OffsetFetch: ({ groups }, errorCode) => ({
    topics: [],
    errorCode,
    groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode }))
  }),
  InitProducerId: (_, errorCode) => ({ errorCode, producerEpoch: -1 }),
  CreateTopics: ({ topics }, errorCode) => ({
    topics: topics.map(({ name }) => ({
      name,
      topicId: Uuid.zero,
      errorCode,
      errorMessage: null,
      configs: null
    }))
  }),
  DeleteTopics: ({ topicNames, topics }, errorCode) => ({
    responses: [
      ...topicNames.map((name) => ({ name, topicId: Uuid.zero, errorCode })),
      ...topics.map(({ name, topicId }) => ({ name, topicId, errorCode }))
    ]
  }),
  ConsumerGroupHeartbeat: ({ memberId }, errorCode) => ({
    errorCode,
    memberId,
    memberEpoch: -1,
    heartbeatIntervalMs: 0
  })
}
