import type { GroupSettings } from "../../../config/broker-settings/GroupSettings.ts"
import type { GroupEffect } from "../GroupEffect.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { CoordinatorRecord } from "../records/CoordinatorRecord.ts"

/** One decision about a consumer group in the making. */
export interface ConsumerStep {
  readonly records: Array<CoordinatorRecord>
  readonly effects: Array<GroupEffect>
  readonly nowMs: number
  /** With the group's own configs applied. */
  readonly settings: GroupSettings
  readonly topics: GroupTopics
  /** Whether whoever speaks may see a topic that its regular expression matches. */
  readonly mayDescribe: (topic: string) => boolean
  /** Set when the group was compared with the topics of `topics.endOffset`. */
  checkedImageOffset: number | undefined
}
