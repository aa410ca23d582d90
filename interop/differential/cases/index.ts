import type { Case } from "../Case.ts"
import { authorizationCases } from "./authorization.ts"
import { configCases } from "./configs.ts"
import { consumerGroupCases } from "./consumerGroups.ts"
import { electionCases } from "./elections.ts"
import { fetchCases } from "./fetch.ts"
import { framingCases } from "./framing.ts"
import { groupAdministrationCases } from "./groupAdministration.ts"
import { groupMembershipCases } from "./groupMembership.ts"
import { groupOffsetCases } from "./groupOffsets.ts"
import { idempotenceCases } from "./idempotence.ts"
import { metadataCases } from "./metadata.ts"
import { offsetCases } from "./offsets.ts"
import { produceCases } from "./produce.ts"
import { quorumCases } from "./quorum.ts"
import { reassignmentCases } from "./reassignments.ts"
import { topicCases } from "./topics.ts"

/** Every case, in the order in which they run. */
export const allCases: ReadonlyArray<Case> = [
  ...framingCases,
  ...topicCases,
  ...reassignmentCases,
  ...electionCases,
  ...metadataCases,
  ...quorumCases,
  ...configCases,
  ...produceCases,
  ...idempotenceCases,
  ...fetchCases,
  ...offsetCases,
  ...groupMembershipCases,
  ...groupOffsetCases,
  ...groupAdministrationCases,
  ...consumerGroupCases,
  ...authorizationCases
]
