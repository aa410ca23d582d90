import { Context } from "effect"
import type { CompressionCodecs } from "../protocol/records/Compression.ts"

/**
 * All codecs of Kafka's record formats: core's own lz4 and snappy (`ownCodecs`) with the host's gzip and zstd.
 * The codecs are synchronous and throw nothing but `CompressionError`.
 */
export class Compression extends Context.Service<Compression, CompressionCodecs>()(
  "@kafka-broker/core/seams/Compression"
) {}
