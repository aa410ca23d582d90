export {
  type CompressionCodec,
  type CompressionCodecs,
  CompressionError,
  ownCodecs
} from "./protocol/records/Compression.ts"
export { Compression } from "./seams/Compression.ts"
export { FileLogStore, type FileLogStoreOptions } from "./log/FileLogStore.ts"
export { LogDirectory, LogDirectoryError, type LogDirectoryOptions } from "./log/LogDirectory.ts"
export { LogStore, LogStoreError } from "./log/LogStore.ts"
export { type DirectoryEntry, type LogFile, LogFiles, LogFilesError, LogFilesReason } from "./seams/LogFiles.ts"
export { makeMemoryVolume, MemoryLogFiles, type MemoryVolume } from "./seams/MemoryLogFiles.ts"
