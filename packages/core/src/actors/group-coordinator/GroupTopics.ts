import type { MetadataImage, TopicImage } from "../../metadata/MetadataImage.ts"
import type { RegexSyntaxError } from "../../model/regex/RegexNode.ts"
import type { Uuid } from "../../model/Uuid.ts"
import type { TopicMatches } from "./TopicMatches.ts"

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
  /** As `TopicMatches.matching`. */
  matching(regularExpression: string): ReadonlyArray<string> | RegexSyntaxError | undefined
}

const groupTopic = (topic: TopicImage | undefined): GroupTopic | undefined =>
  topic === undefined ? undefined : { name: topic.name, id: topic.id, partitionCount: topic.partitions.length }

/** The topics of an image. */
export const groupTopics = (image: MetadataImage, matches: TopicMatches): GroupTopics => {
  const topics: GroupTopics = {
    endOffset: image.endOffset,
    byName: (name) => groupTopic(image.topic(name)),
    byId: (id) => groupTopic(image.topicById(id)),
    *names() {
      for (const topic of image.topics()) yield topic.name
    },
    matching: (regularExpression) => matches.matching(regularExpression, topics)
  }
  return topics
}
