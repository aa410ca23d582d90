/**
 * DescribeGroups 0-6 (KIP-345 instance ids, KIP-430 authorized operations, version 6 an error for unknown groups, which
 * before were answered as dead ones).
 *
 * Source: KafkaApis.handleDescribeGroupsRequest.
 */
import { Effect } from "effect"
import { effectHandler } from "../actors/connection/Handler.ts"
import { noClassicGroup } from "../actors/group-coordinator/classic/describe.ts"
import { GroupCoordinator } from "../actors/group-coordinator/GroupCoordinator.ts"
import { ErrorCode } from "../model/ErrorCode.ts"
import { DescribeGroups } from "../protocol/apis/DescribeGroups.ts"
import { Authorizer } from "../security/Authorizer.ts"
import { authorizedOperations, operationsNotRequested } from "./authorizedOperations.ts"
import { groupPermissions } from "./groups/groupAccess.ts"

/** From this version on an unknown group is an error. */
const unknownGroupVersion = 6

export const makeDescribeGroups = Effect.gen(function*() {
  const authorizer = yield* Authorizer
  const coordinator = yield* GroupCoordinator
  const { mayGroup } = yield* groupPermissions
  return effectHandler(
    DescribeGroups,
    Effect.fnUntraced(function*(request, context) {
      const groups = yield* Effect.forEach(
        request.groups,
        Effect.fnUntraced(function*(groupId) {
          if (!mayGroup(context, "DESCRIBE", groupId)) {
            return {
              ...noClassicGroup(groupId, ""),
              errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
              errorMessage: null,
              authorizedOperations: operationsNotRequested
            }
          }
          const described = yield* coordinator.describeClassic(groupId)
          const isDead = described.errorCode === ErrorCode.GROUP_ID_NOT_FOUND &&
            context.apiVersion < unknownGroupVersion
          const errorCode: ErrorCode = isDead ? ErrorCode.NONE : described.errorCode
          return {
            ...described,
            errorCode,
            errorMessage: isDead ? null : described.errorMessage,
            authorizedOperations: request.includeAuthorizedOperations && errorCode === ErrorCode.NONE
              ? authorizedOperations(authorizer, context, "GROUP", groupId)
              : operationsNotRequested
          }
        })
      )
      return { groups }
    })
  )
})
