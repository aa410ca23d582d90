import type { LogConfig } from "../../log/LogStore.ts"
import type { AppendSettings } from "./validateBatch.ts"

/** What the leaders of a topic follow; one object for all partitions of the topic. */
export interface TopicSettings {
  readonly append: AppendSettings
  readonly log: LogConfig
}
