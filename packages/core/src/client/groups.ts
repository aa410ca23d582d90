import { Effect } from "effect"
import { ErrorCode } from "../model/ErrorCode.ts"
import type { TopicPartition } from "../model/TopicPartition.ts"
import { ConsumerGroupDescribe } from "../protocol/apis/ConsumerGroupDescribe.ts"
import { decodeConsumerAssignment } from "../protocol/apis/ConsumerProtocol.ts"
import { DeleteGroups } from "../protocol/apis/DeleteGroups.ts"
import { DescribeGroups } from "../protocol/apis/DescribeGroups.ts"
import { ListGroups } from "../protocol/apis/ListGroups.ts"
import { atCoordinator } from "./atCoordinator.ts"
import type { ClientConnection } from "./ClientConnection.ts"
import { failOnError, type KafkaError, kafkaError } from "./KafkaError.ts"
import { retryTransient } from "./retryTransient.ts"

/** A group in a list. */
export interface GroupListing {
  readonly groupId: string
  /** Kafka's name, for example `Stable` or `Empty`. */
  readonly state: string
  /** `classic` or `consumer`; brokers differ in the case of these names. */
  readonly type: string
}

/** A member of a group. */
export interface GroupMemberDescription {
  readonly memberId: string
  /** Of a static member. */
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Empty when the members of a classic group speak a protocol of their own. */
  readonly assignment: ReadonlyArray<TopicPartition>
}

/** A group and who is in it. */
export interface GroupDescription extends GroupListing {
  /** The assignor of the group; empty while it has none. */
  readonly assignor: string
  readonly members: ReadonlyArray<GroupMemberDescription>
}

/** All groups, by id. */
export const listGroups = (connection: ClientConnection): Effect.Effect<ReadonlyArray<GroupListing>, KafkaError> =>
  retryTransient(
    Effect.flatMap(
      connection.request(ListGroups, { statesFilter: [], typesFilter: [] }),
      ({ errorCode, groups }) => {
        if (errorCode !== ErrorCode.NONE) return Effect.fail(kafkaError(errorCode, null, { api: "ListGroups" }))
        const listed = groups.map(({ groupId, groupState, groupType }) => ({
          groupId,
          state: groupState,
          type: groupType.toLowerCase()
        }))
        return Effect.succeed(listed.sort((a, b) => a.groupId < b.groupId ? -1 : 1))
      }
    )
  )

const describeConsumer = (connection: ClientConnection, group: string) =>
  connection.request(ConsumerGroupDescribe, { groupIds: [group], includeAuthorizedOperations: false }).pipe(
    Effect.flatMap(({ groups }) => {
      const found = groups[0]!
      if (found.errorCode !== ErrorCode.NONE) {
        const at = { api: "ConsumerGroupDescribe", group }
        return Effect.fail(kafkaError(found.errorCode, found.errorMessage, at))
      }
      return Effect.succeed<GroupDescription>({
        groupId: group,
        state: found.groupState,
        type: "consumer",
        assignor: found.assignorName,
        members: found.members.map((member) => ({
          memberId: member.memberId,
          instanceId: member.instanceId,
          clientId: member.clientId,
          clientHost: member.clientHost,
          assignment: member.assignment.topicPartitions.flatMap(({ partitions, topicName }) =>
            partitions.map((partition) => ({ topic: topicName, partition }))
          )
        }))
      })
    })
  )

/** Written by the leader of the group, a client of any maker. */
const classicAssignment = (bytes: Uint8Array): Effect.Effect<GroupMemberDescription["assignment"]> =>
  Effect.try({
    try: () =>
      bytes.length === 0 ?
        [] :
        decodeConsumerAssignment(bytes).assignedPartitions.flatMap(({ partitions, topic }) =>
          partitions.map((partition) => ({ topic, partition }))
        ),
    catch: () => undefined
  }).pipe(Effect.orElseSucceed(() => []))

const describeClassic = (connection: ClientConnection, group: string) =>
  connection.request(DescribeGroups, { groups: [group], includeAuthorizedOperations: false }).pipe(
    Effect.flatMap(Effect.fnUntraced(function*({ groups }) {
      const found = groups[0]!
      if (found.errorCode !== ErrorCode.NONE) {
        return yield* kafkaError(found.errorCode, found.errorMessage, { api: "DescribeGroups", group })
      }
      const isConsumer = found.protocolType === "consumer"
      const members = yield* Effect.forEach(
        found.members,
        (member) =>
          Effect.map(isConsumer ? classicAssignment(member.memberAssignment) : Effect.succeed([]), (assignment) => ({
            memberId: member.memberId,
            instanceId: member.groupInstanceId,
            clientId: member.clientId,
            clientHost: member.clientHost,
            assignment
          }))
      )
      return {
        groupId: group,
        state: found.groupState,
        type: "classic",
        assignor: found.protocolData,
        members
      } satisfies GroupDescription
    }))
  )

/** A group of either protocol; fails with `GROUP_ID_NOT_FOUND`. Source: DescribeConsumerGroupsHandler. */
export const describeGroup = (
  connection: ClientConnection,
  group: string
): Effect.Effect<GroupDescription, KafkaError> =>
  atCoordinator(
    connection,
    group,
    Effect.catchIf(
      describeConsumer(connection, group),
      ({ code }) => code === ErrorCode.GROUP_ID_NOT_FOUND || code === ErrorCode.UNSUPPORTED_VERSION,
      () => describeClassic(connection, group)
    )
  )

/** Deletes a group and its offsets; fails with `NON_EMPTY_GROUP` while it has members. */
export const deleteGroup = (connection: ClientConnection, group: string): Effect.Effect<void, KafkaError> =>
  atCoordinator(
    connection,
    group,
    connection.request(DeleteGroups, { groupsNames: [group] }).pipe(
      Effect.flatMap(({ results }) => failOnError(results, ({ groupId }) => ({ api: "DeleteGroups", group: groupId })))
    )
  )
