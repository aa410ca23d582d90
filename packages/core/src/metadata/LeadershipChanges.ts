import { Context, type Effect } from "effect"
import type { MetadataImage, TopicImage } from "./MetadataImage.ts"

/** A topic that is new (no `before`), gone (no `after`) or changed. */
export interface TopicChange {
  readonly before: TopicImage | undefined
  readonly after: TopicImage | undefined
}

/**
 * Told of each new image after it is current and before anybody is answered: starts the leaders this broker now has,
 * stops those it has no more, removes the logs of deleted topics, passes changed configs on. `topics` holds every topic
 * that differs, so that the cost follows the change and not the number of topics.
 */
export class LeadershipChanges extends Context.Service<LeadershipChanges, {
  readonly apply: (
    previous: MetadataImage,
    next: MetadataImage,
    topics: ReadonlyArray<TopicChange>
  ) => Effect.Effect<void>
}>()("@kafka-broker/core/metadata/LeadershipChanges") {}
