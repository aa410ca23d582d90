import type { Uuid } from "../../model/Uuid.ts"

/** A topic as groups see it. */
export interface GroupTopic {
  readonly name: string
  readonly id: Uuid
  readonly partitionCount: number
}

/** The topics that exist, as the machines read them: a snapshot that does not change. */
export interface GroupTopics {
  /** End offset of the image shown: two snapshots with the same one are the same. */
  readonly endOffset: number
  byName(name: string): GroupTopic | undefined
  byId(id: Uuid): GroupTopic | undefined
  names(): Iterable<string>
}
