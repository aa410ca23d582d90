import { Context, Effect, Layer } from "effect"
import type { ClusterImage } from "./ClusterImage.ts"
import { Metadata } from "./Metadata.ts"

/** Holds the newest image; only the controller publishes. */
export class MetadataPublisher extends Context.Service<MetadataPublisher, {
  readonly current: () => ClusterImage
  readonly publish: (image: ClusterImage) => void
}>()("@kafka-broker/core/metadata/MetadataPublisher") {
  /** Begins with `initial`, which is what readers see until the metadata log is replayed. */
  static readonly layer = (initial: ClusterImage): Layer.Layer<MetadataPublisher | Metadata> =>
    Layer.effectContext(Effect.sync(() => {
      let newest = initial
      const current = () => newest
      return Context.make(Metadata, { current }).pipe(
        Context.add(MetadataPublisher, {
          current,
          publish: (image) => {
            newest = image
          }
        })
      )
    }))
}
