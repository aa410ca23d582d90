/**
 * Where a codec may put what it decompressed. `own`: in memory of its own, which nobody else writes. `shared`: also in
 * memory that the next call of any codec overwrites, so that nothing may be kept of it.
 */
export type OutputMemory = "own" | "shared"
