import { Effect, Layer } from "effect"
import { GroupCoordinator } from "../../../src/actors/group-coordinator/GroupCoordinator.ts"
import { layerGroupCoordinator } from "../../../src/actors/group-coordinator/GroupCoordinatorActor.ts"
import type { JoinGroupRequest } from "../../../src/protocol/apis/JoinGroup.ts"
import type { AclOperation, ResourceType } from "../../../src/security/Authorizer.ts"
import { joinRequest as joinOf, settle, someTopics } from "../../actors/group-coordinator/testCoordinator.ts"
import { testLeaders } from "../../actors/partition-leader/testLeaders.ts"
import { denying } from "../testHandlers.ts"

type Denied = ReadonlyArray<`${AclOperation} ${ResourceType} ${string}`>

/** A coordinator over leaders in memory, with topics, and an authorizer that denies what is listed. */
export const groupBroker = (...denied: Denied) =>
  Layer.mergeAll(layerGroupCoordinator, denying(...denied)).pipe(Layer.provideMerge(testLeaders))

/** Topics exist and every partition of groups is loaded. */
export const ready = Effect.gen(function*() {
  yield* someTopics
  const coordinator = yield* GroupCoordinator
  coordinator.loadAll()
  yield* settle
})

/** A JoinGroup as decoded; fields a version lacks have their defaults. */
export const joinRequest = (change: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  ...joinOf(),
  reason: null,
  ...change
})
