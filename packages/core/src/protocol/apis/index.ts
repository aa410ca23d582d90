import type { AnyApi } from "../schema/defineApi.ts"
import { AddOffsetsToTxn } from "./AddOffsetsToTxn.ts"
import { AddPartitionsToTxn } from "./AddPartitionsToTxn.ts"
import { AlterConfigs } from "./AlterConfigs.ts"
import { AlterPartitionReassignments } from "./AlterPartitionReassignments.ts"
import { ApiVersions } from "./ApiVersions.ts"
import { ConsumerGroupDescribe } from "./ConsumerGroupDescribe.ts"
import { ConsumerGroupHeartbeat } from "./ConsumerGroupHeartbeat.ts"
import { CreateAcls } from "./CreateAcls.ts"
import { CreatePartitions } from "./CreatePartitions.ts"
import { CreateTopics } from "./CreateTopics.ts"
import { DeleteAcls } from "./DeleteAcls.ts"
import { DeleteGroups } from "./DeleteGroups.ts"
import { DeleteRecords } from "./DeleteRecords.ts"
import { DeleteTopics } from "./DeleteTopics.ts"
import { DescribeAcls } from "./DescribeAcls.ts"
import { DescribeCluster } from "./DescribeCluster.ts"
import { DescribeConfigs } from "./DescribeConfigs.ts"
import { DescribeGroups } from "./DescribeGroups.ts"
import { DescribeLogDirs } from "./DescribeLogDirs.ts"
import { DescribeProducers } from "./DescribeProducers.ts"
import { DescribeQuorum } from "./DescribeQuorum.ts"
import { DescribeTopicPartitions } from "./DescribeTopicPartitions.ts"
import { DescribeTransactions } from "./DescribeTransactions.ts"
import { ElectLeaders } from "./ElectLeaders.ts"
import { EndTxn } from "./EndTxn.ts"
import { Fetch } from "./Fetch.ts"
import { FindCoordinator } from "./FindCoordinator.ts"
import { Heartbeat } from "./Heartbeat.ts"
import { IncrementalAlterConfigs } from "./IncrementalAlterConfigs.ts"
import { InitProducerId } from "./InitProducerId.ts"
import { JoinGroup } from "./JoinGroup.ts"
import { LeaveGroup } from "./LeaveGroup.ts"
import { ListConfigResources } from "./ListConfigResources.ts"
import { ListGroups } from "./ListGroups.ts"
import { ListOffsets } from "./ListOffsets.ts"
import { ListPartitionReassignments } from "./ListPartitionReassignments.ts"
import { ListTransactions } from "./ListTransactions.ts"
import { Metadata } from "./Metadata.ts"
import { OffsetCommit } from "./OffsetCommit.ts"
import { OffsetDelete } from "./OffsetDelete.ts"
import { OffsetFetch } from "./OffsetFetch.ts"
import { OffsetForLeaderEpoch } from "./OffsetForLeaderEpoch.ts"
import { Produce } from "./Produce.ts"
import { SaslAuthenticate } from "./SaslAuthenticate.ts"
import { SaslHandshake } from "./SaslHandshake.ts"
import { SyncGroup } from "./SyncGroup.ts"
import { TxnOffsetCommit } from "./TxnOffsetCommit.ts"
import { WriteTxnMarkers } from "./WriteTxnMarkers.ts"

/** Every declared API by name, in the order of their keys. */
export const apis = {
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  FindCoordinator,
  JoinGroup,
  Heartbeat,
  LeaveGroup,
  SyncGroup,
  DescribeGroups,
  ListGroups,
  SaslHandshake,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  DeleteRecords,
  InitProducerId,
  OffsetForLeaderEpoch,
  AddPartitionsToTxn,
  AddOffsetsToTxn,
  EndTxn,
  WriteTxnMarkers,
  TxnOffsetCommit,
  DescribeAcls,
  CreateAcls,
  DeleteAcls,
  DescribeConfigs,
  AlterConfigs,
  DescribeLogDirs,
  SaslAuthenticate,
  CreatePartitions,
  DeleteGroups,
  ElectLeaders,
  IncrementalAlterConfigs,
  AlterPartitionReassignments,
  ListPartitionReassignments,
  OffsetDelete,
  DescribeQuorum,
  DescribeCluster,
  DescribeProducers,
  DescribeTransactions,
  ListTransactions,
  ConsumerGroupHeartbeat,
  ConsumerGroupDescribe,
  ListConfigResources,
  DescribeTopicPartitions
}

/** Name of a declared API. */
export type ApiName = keyof typeof apis

const byKey: Array<AnyApi | undefined> = []
for (const api of Object.values(apis)) byKey[api.key] = api

/** The API with this key, or undefined for keys that are not declared (any number may come from the wire). */
export const apiByKey = (key: number): AnyApi | undefined => byKey[key]
