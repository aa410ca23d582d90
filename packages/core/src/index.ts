export {
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  ownCodecs
} from "./protocol/records/Compression.ts"
export { Compression } from "./seams/Compression.ts"
