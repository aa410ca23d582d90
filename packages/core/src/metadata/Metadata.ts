import { Context } from "effect"
import type { MetadataImage } from "./MetadataImage.ts"

/** Access to the newest image; a plain function, so the hot path pays one call. */
export class Metadata extends Context.Service<Metadata, {
  readonly current: () => MetadataImage
}>()("@kafka-broker/core/metadata/Metadata") {}
