import type { GroupSettings } from "../../config/broker-settings/GroupSettings.ts"
import type { CoordinatorRuntime } from "../coordinator-runtime/CoordinatorRuntime.ts"
import type { GroupReply } from "./GroupEffect.ts"
import type { GroupTopics } from "./GroupTopics.ts"
import type { GroupCoordination } from "./machine/groupMachine.ts"

/** What the operations on groups need. */
export interface GroupAccess {
  readonly runtime: CoordinatorRuntime<GroupCoordination>
  readonly settings: GroupSettings
  readonly topics: () => GroupTopics
  /** Runs `then` once what the expression matches is known: at once if it is. */
  readonly whenMatched: (regularExpression: string | null, then: () => void) => void
  /** A random UUID in Java's text form. */
  readonly freshUuid: () => string
}

/** Gives the answer of one operation out of all; undefined for the answer to another. */
export const take = {
  join: (reply: GroupReply) => reply._tag === "Join" ? reply.response : undefined,
  sync: (reply: GroupReply) => reply._tag === "Sync" ? reply.response : undefined,
  leave: (reply: GroupReply) => reply._tag === "Leave" ? reply.response : undefined,
  code: (reply: GroupReply) => reply._tag === "Code" ? reply.response : undefined,
  offsets: (reply: GroupReply) => reply._tag === "Offsets" ? reply.response : undefined
}
