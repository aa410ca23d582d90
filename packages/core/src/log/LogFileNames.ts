/** Names of the files of a partition directory. Source: LogFileUtils, LocalLog. */

const OFFSET_DIGITS = 20

export const LOG_SUFFIX = ".log"
export const INDEX_SUFFIX = ".index"
export const TIME_INDEX_SUFFIX = ".timeindex"
export const TRANSACTION_INDEX_SUFFIX = ".txnindex"
export const SNAPSHOT_SUFFIX = ".snapshot"
export const DELETED_SUFFIX = ".deleted"
export const CLEANED_SUFFIX = ".cleaned"
export const SWAP_SUFFIX = ".swap"

/** `offset` as the 20 digits that begin a segment file's name. */
export const offsetName = (offset: number): string => String(offset).padStart(OFFSET_DIGITS, "0")

/** The offset of a name such as `00000000000000000042.log`; undefined unless it is 20 digits and exactly `suffix`. */
export const offsetOf = (name: string, suffix: string): number | undefined => {
  if (name.length !== OFFSET_DIGITS + suffix.length || !name.endsWith(suffix)) return undefined
  for (let i = 0; i < OFFSET_DIGITS; i++) {
    const code = name.charCodeAt(i)
    if (code < 48 || code > 57) return undefined
  }
  const offset = Number(name.slice(0, OFFSET_DIGITS))
  return Number.isSafeInteger(offset) ? offset : undefined
}

/** What the name of a directory in a log directory stands for. */
export interface PartitionDirectoryName {
  readonly topic: string
  readonly partition: number
  /** `Delete`, `Future` and `Stray` directories belong to no live partition. Source: LocalLog.parseTopicPartitionName. */
  readonly kind: "Live" | "Delete" | "Future" | "Stray"
}

const suffixed = /^(.+)\.[0-9a-f]{32}-(delete|future|stray)$/
const kinds = { delete: "Delete", future: "Future", stray: "Stray" } as const

/** Characters of the longest name that file systems take. */
const nameLengthMax = 255

/**
 * The name of a partition directory that is put aside; `unique` is 32 hexadecimal digits. A long topic name is cut.
 * Source: LocalLog.logDirNameWithSuffixCappedLength.
 */
export const asideName = (directory: string, unique: string, kind: "delete" | "stray"): string => {
  const dash = directory.lastIndexOf("-")
  const suffix = `${directory.slice(dash)}.${unique}-${kind}`
  return directory.slice(0, Math.min(dash, nameLengthMax - suffix.length)) + suffix
}

/** Splits a directory name at its last `-`; undefined when it is not that of a partition. */
export const parseDirectoryName = (name: string): PartitionDirectoryName | undefined => {
  const match = suffixed.exec(name)
  const base = match === null ? name : match[1]!
  const dash = base.lastIndexOf("-")
  if (dash <= 0) return undefined
  const digits = base.slice(dash + 1)
  if (!/^[0-9]{1,10}$/.test(digits)) return undefined
  const partition = Number(digits)
  if (partition > 0x7fff_ffff) return undefined
  const kind = match === null ? "Live" : kinds[match[2] as keyof typeof kinds]
  return { topic: base.slice(0, dash), partition, kind }
}
