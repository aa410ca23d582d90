/** What the broker takes from the machine it runs on: the services that adapters implement, and those kept in memory. */
export { RequestInterceptor } from "./actors/connection/RequestInterceptor.ts"
export { makeProcessMemory, type ProcessMemory } from "./broker/processMemory.ts"
export { LogDirectoryError } from "./log/LogDirectory.ts"
export { LogStoreError } from "./log/LogStore.ts"
export { MetadataLogError } from "./metadata/MetadataLog.ts"
export { type MetadataBatch, MetadataLog, MetadataLogConflict, type MetadataRead } from "./metadata/MetadataLog.ts"
export type { MetadataRecord } from "./metadata/MetadataRecord.ts"
export {
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  type Compressor,
  type Decompressor,
  type OutputMemory,
  ownCodecs,
  PIECE_BYTES,
  wholeCodec
} from "./protocol/records/Compression.ts"
export { type Crc32cFunction, crc32cImplementation, useCrc32c } from "./protocol/wire/Crc32c.ts"
export { Compression } from "./seams/Compression.ts"
export {
  type BoundListener,
  type ByteConnection,
  type ByteConnectionEvents,
  Listener,
  ListenError
} from "./seams/Listener.ts"
export {
  type Allocate,
  type DirectoryEntry,
  type LogFile,
  LogFiles,
  LogFilesError,
  LogFilesReason
} from "./seams/LogFiles.ts"
export { makeMemoryLogFiles, MemoryLogFiles } from "./seams/MemoryLogFiles.ts"
export {
  DirectoryNode,
  emptyFile,
  type FileNode,
  makeMemoryVolume,
  MemoryVolume,
  type NameStep,
  resize,
  type VolumeNode,
  type VolumeObserver,
  writeInto
} from "./seams/MemoryVolume.ts"
export { Tick } from "./seams/Tick.ts"
export { ClientPrincipal } from "./security/Principal.ts"
