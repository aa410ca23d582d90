import { Context } from "effect"
import type { Effect } from "effect"
import type { ErrorCode } from "../../model/ErrorCode.ts"
import type { TransactionEnd } from "../coordinator-runtime/CoordinatorPartition.ts"
import type { ClassicDescription } from "./classic/describe.ts"
import type { JoinReply, SyncReply } from "./classic/ClassicStep.ts"
import type { LeavingMember } from "./classic/leaveGroup.ts"
import type { ConsumerDescription } from "./consumer/describe.ts"
import type { ConsumerHeartbeatReply, ConsumerHeartbeatRequest } from "./consumer/heartbeat.ts"
import type { LeaveReply, OffsetsReply } from "./machine/GroupDecision.ts"
import type { CommitTopic } from "./offsets/commit.ts"
import type { FetchedTopic, FetchTopic } from "./offsets/fetch.ts"

/** Who speaks, as far as groups keep it. */
export interface GroupContext {
  readonly apiVersion: number
  readonly clientId: string
  /** Address without port. */
  readonly clientHost: string
}

/** A JoinGroup; fields of the request. `rebalanceTimeoutMs` is filled for version 0 too. */
export interface JoinRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string
  readonly protocols: ReadonlyArray<{ readonly name: string; readonly metadata: Uint8Array }>
}

/** A SyncGroup; fields of the request. */
export interface SyncRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: ReadonlyArray<{ readonly memberId: string; readonly assignment: Uint8Array }>
}

/** A Heartbeat; fields of the request. */
export interface HeartbeatRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** An OffsetCommit with topics by name; fields of the request. */
export interface CommitRequest {
  readonly groupId: string
  readonly generationIdOrMemberEpoch: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** -1 for the broker's retention. */
  readonly retentionTimeMs: number
  readonly topics: ReadonlyArray<CommitTopic>
  /** Set for a TxnOffsetCommit: the offsets count once the transaction commits. */
  readonly transaction?: { readonly producerId: number; readonly producerEpoch: number }
}

/** One group of an OffsetFetch. */
export interface FetchOffsetsRequest {
  readonly groupId: string
  /** Null before version 9. */
  readonly memberId: string | null
  readonly memberEpoch: number
  /** Null for all topics. */
  readonly topics: ReadonlyArray<FetchTopic> | null
  readonly requireStable: boolean
}

/** A group as ListGroups shows it. */
export interface ListedGroup {
  readonly groupId: string
  readonly protocolType: string
  readonly groupState: string
  /** `classic` or `consumer`. */
  readonly groupType: string
}

/** A result with Kafka's code for a group. */
export type Described<A> = A & { readonly errorCode: ErrorCode; readonly errorMessage: string | null }

/**
 * Consumer groups of both protocols and their offsets, on the partitions of `__consumer_offsets` that this broker leads.
 * Every method answers with Kafka's codes and never fails; NOT_COORDINATOR (16) when the group's partition is led
 * elsewhere, COORDINATOR_LOAD_IN_PROGRESS (14) while it is read. Who may do what is the handlers' business. Source:
 * GroupCoordinatorService.
 */
export class GroupCoordinator extends Context.Service<GroupCoordinator, {
  readonly joinGroup: (request: JoinRequest, context: GroupContext) => Effect.Effect<JoinReply>
  readonly syncGroup: (request: SyncRequest, context: GroupContext) => Effect.Effect<SyncReply>
  readonly heartbeat: (request: HeartbeatRequest) => Effect.Effect<ErrorCode>
  /** As `heartbeat`, without a fiber: `reply` is called once, now or later. */
  readonly heartbeatDirect: (request: HeartbeatRequest, reply: (errorCode: ErrorCode) => void) => void
  readonly leaveGroup: (groupId: string, members: ReadonlyArray<LeavingMember>) => Effect.Effect<LeaveReply>
  /** `mayDescribe` tells whether the client may see a topic that its regular expression matches. */
  readonly consumerGroupHeartbeat: (
    request: ConsumerHeartbeatRequest,
    context: GroupContext,
    mayDescribe: (topic: string) => boolean
  ) => Effect.Effect<ConsumerHeartbeatReply>
  /** As `consumerGroupHeartbeat`, without a fiber. */
  readonly consumerGroupHeartbeatDirect: (
    request: ConsumerHeartbeatRequest,
    context: GroupContext,
    mayDescribe: (topic: string) => boolean,
    reply: (response: ConsumerHeartbeatReply) => void
  ) => void
  readonly commitOffsets: (request: CommitRequest, context: GroupContext) => Effect.Effect<OffsetsReply>
  readonly fetchOffsets: (request: FetchOffsetsRequest) => Effect.Effect<{
    readonly errorCode: ErrorCode
    readonly topics: ReadonlyArray<FetchedTopic>
  }>
  readonly deleteOffsets: (
    groupId: string,
    topics: ReadonlyArray<{ readonly name: string; readonly partitions: ReadonlyArray<number> }>
  ) => Effect.Effect<OffsetsReply>
  readonly deleteGroup: (groupId: string) => Effect.Effect<ErrorCode>
  /** GROUP_ID_NOT_FOUND (69) and state Dead for a group that is not there or not classic. */
  readonly describeClassic: (groupId: string) => Effect.Effect<Described<ClassicDescription>>
  /** GROUP_ID_NOT_FOUND (69) for a group that is not there or not of the consumer protocol. */
  readonly describeConsumer: (groupId: string) => Effect.Effect<Described<ConsumerDescription>>
  /** Groups of all partitions led here, by state and type (both without case; empty: all). */
  readonly listGroups: (
    statesFilter: ReadonlyArray<string>,
    typesFilter: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly errorCode: ErrorCode; readonly groups: ReadonlyArray<ListedGroup> }>
  /**
   * Appends a transaction's marker to a partition of `__consumer_offsets`: its offsets count or are dropped from there
   * on. Source: GroupCoordinatorService.completeTransaction.
   */
  readonly completeTransaction: (partition: number, end: TransactionEnd) => Effect.Effect<ErrorCode>
  /** Removes the offsets of topics that were deleted. */
  readonly topicsDeleted: (topics: ReadonlySet<string>) => void
  /** Answers the JoinGroups and SyncGroups that wait for other members with NOT_COORDINATOR (16); nothing else changes. */
  readonly stopWaiting: () => void
  /** Starts to read every partition that is led here and not loaded yet. */
  readonly loadAll: () => void
}>()("@kafka-broker/core/actors/group-coordinator/GroupCoordinator") {}
