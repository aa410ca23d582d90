import { Effect } from "effect"
import type { Handler } from "../actors/connection/Handler.ts"
import { HandlerRegistry } from "../actors/connection/HandlerRegistry.ts"
import { makeAddOffsetsToTxn } from "../handlers/AddOffsetsToTxn.ts"
import { makeAddPartitionsToTxn } from "../handlers/AddPartitionsToTxn.ts"
import { asDirect, RequestInterceptor } from "../actors/connection/RequestInterceptor.ts"
import { makeAlterConfigs } from "../handlers/AlterConfigs.ts"
import { makeAlterPartitionReassignments } from "../handlers/AlterPartitionReassignments.ts"
import { makeApiVersions } from "../handlers/ApiVersions.ts"
import { makeConsumerGroupDescribe } from "../handlers/ConsumerGroupDescribe.ts"
import { makeConsumerGroupHeartbeat } from "../handlers/ConsumerGroupHeartbeat.ts"
import { makeCreatePartitions } from "../handlers/CreatePartitions.ts"
import { makeCreateTopics } from "../handlers/CreateTopics.ts"
import { makeDeleteGroups } from "../handlers/DeleteGroups.ts"
import { makeDeleteRecords } from "../handlers/DeleteRecords.ts"
import { makeDeleteTopics } from "../handlers/DeleteTopics.ts"
import { makeDescribeCluster } from "../handlers/DescribeCluster.ts"
import { makeDescribeConfigs } from "../handlers/DescribeConfigs.ts"
import { makeDescribeGroups } from "../handlers/DescribeGroups.ts"
import { makeDescribeLogDirs } from "../handlers/DescribeLogDirs.ts"
import { makeDescribeProducers } from "../handlers/DescribeProducers.ts"
import { makeDescribeQuorum } from "../handlers/DescribeQuorum.ts"
import { makeDescribeTopicPartitions } from "../handlers/DescribeTopicPartitions.ts"
import { makeDescribeTransactions } from "../handlers/DescribeTransactions.ts"
import { makeElectLeaders } from "../handlers/ElectLeaders.ts"
import { makeEndTxn } from "../handlers/EndTxn.ts"
import { makeFetch } from "../handlers/Fetch.ts"
import { makeFindCoordinator } from "../handlers/FindCoordinator.ts"
import { makeHeartbeat } from "../handlers/Heartbeat.ts"
import { makeIncrementalAlterConfigs } from "../handlers/IncrementalAlterConfigs.ts"
import { makeInitProducerId } from "../handlers/InitProducerId.ts"
import { makeJoinGroup } from "../handlers/JoinGroup.ts"
import { makeLeaveGroup } from "../handlers/LeaveGroup.ts"
import { makeListConfigResources } from "../handlers/ListConfigResources.ts"
import { makeListGroups } from "../handlers/ListGroups.ts"
import { makeListOffsets } from "../handlers/ListOffsets.ts"
import { makeListPartitionReassignments } from "../handlers/ListPartitionReassignments.ts"
import { makeListTransactions } from "../handlers/ListTransactions.ts"
import { makeMetadata } from "../handlers/Metadata.ts"
import { makeOffsetCommit } from "../handlers/OffsetCommit.ts"
import { makeOffsetDelete } from "../handlers/OffsetDelete.ts"
import { makeOffsetFetch } from "../handlers/OffsetFetch.ts"
import { makeOffsetForLeaderEpoch } from "../handlers/OffsetForLeaderEpoch.ts"
import { makeProduce } from "../handlers/Produce.ts"
import { makeSyncGroup } from "../handlers/SyncGroup.ts"
import { makeTxnOffsetCommit } from "../handlers/TxnOffsetCommit.ts"
import { makeWriteTxnMarkers } from "../handlers/WriteTxnMarkers.ts"
import { Metadata } from "../metadata/Metadata.ts"
import type { Uuid } from "../model/Uuid.ts"
import type { ApiName, apis } from "../protocol/apis/index.ts"

/** Declared in the protocol and not served: their issues are still to come. ApiVersions does not name them. */
type DeclaredForLater =
  | "CreateAcls"
  | "DeleteAcls"
  | "DescribeAcls"
  | "SaslAuthenticate"
  | "SaslHandshake"

/** A handler for every declared API that is not put off: a missing one does not compile. */
type Handlers = { readonly [Name in Exclude<ApiName, DeclaredForLater>]: Handler<(typeof apis)[Name]> }

/** Builds every handler from the broker's services. */
export const makeHandlers = Effect.gen(function*() {
  const handlers = {
    AddOffsetsToTxn: yield* makeAddOffsetsToTxn,
    AddPartitionsToTxn: yield* makeAddPartitionsToTxn,
    AlterConfigs: yield* makeAlterConfigs,
    AlterPartitionReassignments: yield* makeAlterPartitionReassignments,
    ApiVersions: yield* makeApiVersions((): HandlerRegistry["apis"] => registry.apis),
    ConsumerGroupDescribe: yield* makeConsumerGroupDescribe,
    ConsumerGroupHeartbeat: yield* makeConsumerGroupHeartbeat,
    CreatePartitions: yield* makeCreatePartitions,
    CreateTopics: yield* makeCreateTopics,
    DeleteGroups: yield* makeDeleteGroups,
    DeleteRecords: yield* makeDeleteRecords,
    DeleteTopics: yield* makeDeleteTopics,
    DescribeCluster: yield* makeDescribeCluster,
    DescribeConfigs: yield* makeDescribeConfigs,
    DescribeGroups: yield* makeDescribeGroups,
    DescribeLogDirs: yield* makeDescribeLogDirs,
    DescribeProducers: yield* makeDescribeProducers,
    DescribeQuorum: yield* makeDescribeQuorum,
    DescribeTopicPartitions: yield* makeDescribeTopicPartitions,
    DescribeTransactions: yield* makeDescribeTransactions,
    ElectLeaders: yield* makeElectLeaders,
    EndTxn: yield* makeEndTxn,
    Fetch: yield* makeFetch,
    FindCoordinator: yield* makeFindCoordinator,
    Heartbeat: yield* makeHeartbeat,
    IncrementalAlterConfigs: yield* makeIncrementalAlterConfigs,
    InitProducerId: yield* makeInitProducerId,
    JoinGroup: yield* makeJoinGroup,
    LeaveGroup: yield* makeLeaveGroup,
    ListConfigResources: yield* makeListConfigResources,
    ListGroups: yield* makeListGroups,
    ListOffsets: yield* makeListOffsets,
    ListPartitionReassignments: yield* makeListPartitionReassignments,
    ListTransactions: yield* makeListTransactions,
    Metadata: yield* makeMetadata,
    OffsetCommit: yield* makeOffsetCommit,
    OffsetDelete: yield* makeOffsetDelete,
    OffsetFetch: yield* makeOffsetFetch,
    OffsetForLeaderEpoch: yield* makeOffsetForLeaderEpoch,
    Produce: yield* makeProduce,
    SyncGroup: yield* makeSyncGroup,
    TxnOffsetCommit: yield* makeTxnOffsetCommit,
    WriteTxnMarkers: yield* makeWriteTxnMarkers
  } satisfies Handlers
  const intercept = yield* RequestInterceptor
  const metadata = yield* Metadata
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const broker = { topicName: (id: Uuid) => metadata.current().topicById(id)?.name }
  const served: ReadonlyArray<Handler<any>> = Object.values(handlers)
  const registry = new HandlerRegistry(
    intercept === undefined ? served : served.map((handler) => intercept(asDirect(handler, fork), broker))
  )
  return registry
})
