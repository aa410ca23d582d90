/** What can be done about damage when `repair` is told so. */
export type RepairOption = "truncate" | "skip" | "rebuildIndexes" | "adopt"

/** A way to mend something, and what it saves and costs in words. */
export interface RepairChoice {
  readonly option: RepairOption
  readonly effect: string
}

/** What is to be mended; the bytes and offsets are those of the file as it was found. */
export type Damage =
  /** Bytes from `position` to `resumePosition` are no batches; offsets from `endOffset` on are lost up to `resumeOffset`. */
  | {
    readonly _tag: "BadBytes"
    readonly baseOffset: number
    readonly position: number
    readonly endOffset: number
    /** Where the next whole batch begins in the same file; -1: none. */
    readonly resumePosition: number
    /** The offset with which the log goes on, there or in the next segment; -1: nowhere. */
    readonly resumeOffset: number
  }
  /** No segment holds the offsets from `endOffset` to `resumeOffset`; the segment at `baseOffset` is the last before. */
  | {
    readonly _tag: "Gap"
    readonly baseOffset: number
    readonly endOffset: number
    readonly resumeOffset: number
  }
  /** The checkpoints say more than the log has, or the directory is gone. */
  | { readonly _tag: "Checkpoints" }
  /** The leader epochs begin below the first segment. */
  | { readonly _tag: "Epochs" }
  /** Files that a start makes anew when they are gone. */
  | { readonly _tag: "Derived"; readonly names: ReadonlyArray<string> }
  /** Logs without a metadata log. */
  | { readonly _tag: "NoMetadata" }
  /** Nothing that can be mended here. */
  | { readonly _tag: "Other" }

/** Something that is not as it should be. */
export interface Finding {
  /** Name of the directory below the log directory; empty for the log directory itself. */
  readonly directory: string
  /** One line with file, position and offsets. */
  readonly message: string
  /** False: a start deals with it by itself, as with the torn end that a crash leaves. */
  readonly isDamage: boolean
  readonly damage: Damage
  /** Empty: nothing helps but a copy. */
  readonly choices: ReadonlyArray<RepairChoice>
}
