import type { ClusterImage } from "./ClusterImage.ts"
import { ImageBuilder } from "./ImageBuilder.ts"
import type { MetadataBatch } from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"

/** The image after these records, which end at `endOffset` of the metadata log. */
export const replay = (
  image: ClusterImage,
  records: ReadonlyArray<MetadataRecord>,
  endOffset: number
): ClusterImage => {
  const builder = new ImageBuilder(image)
  for (const record of records) builder.replay(record)
  return builder.build(endOffset)
}

/** The image after these batches, built once. */
export const replayAll = (image: ClusterImage, batches: ReadonlyArray<MetadataBatch>): ClusterImage => {
  const builder = new ImageBuilder(image)
  for (const batch of batches) for (const record of batch.records) builder.replay(record)
  return builder.build(batches.at(-1)?.endOffset ?? image.endOffset)
}
