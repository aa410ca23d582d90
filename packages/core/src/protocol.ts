/** Kafka's wire protocol: the declared APIs, frames, codecs and record batches. Plain functions over bytes. */
export { ErrorCode, errorName } from "./model/ErrorCode.ts"
export { Uuid } from "./model/Uuid.ts"
export { apiByKey, type ApiName, apis } from "./protocol/apis/index.ts"
export * as Frame from "./protocol/Frame.ts"
export { FrameSplitter } from "./protocol/FrameSplitter.ts"
export {
  codecIdOf,
  type CodecName,
  codecNameOf,
  codecNames,
  compress,
  type CompressionCodecs,
  decompressPayload
} from "./protocol/records/Compression.ts"
export { decodeRecords, type Record, type RecordHeader } from "./protocol/records/Record.ts"
export * as RecordBatch from "./protocol/records/RecordBatch.ts"
export { type BatchOptions, buildBatch, type NewRecord } from "./protocol/records/RecordBatchBuilder.ts"
export {
  type AnyApi,
  requestHeaderVersion,
  type RequestInputOf,
  type RequestOf,
  responseHeaderVersion,
  type ResponseInputOf,
  type ResponseOf
} from "./protocol/schema/defineApi.ts"
export { ByteReader } from "./protocol/wire/ByteReader.ts"
export { ByteWriter } from "./protocol/wire/ByteWriter.ts"
export { DecodeError } from "./protocol/wire/DecodeError.ts"
