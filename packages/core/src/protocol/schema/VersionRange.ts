/** An inclusive range of versions; `none` is the empty range. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** Highest version number that the 16-bit field can carry. */
const versionMax = 0x7fff

/** A range as it is written in Kafka's message definitions: "3", "3-5", "3+" or "none". */
export type VersionRangeText = `${number}` | `${number}-${number}` | `${number}+` | "none"

/** No version. */
export const noVersions: VersionRange = { min: 1, max: 0 }
/** Every version. */
export const allVersions: VersionRange = { min: 0, max: versionMax }

/** Reads "3", "3-5", "3+" or "none"; anything else is a mistake in a declaration and throws. */
export const parseVersionRange = (text: VersionRangeText): VersionRange => {
  if (text === "none") return noVersions
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (match === null) throw new Error(`not a version range: ${text}`)
  const min = Number(match[1])
  return { min, max: match[2] === "+" ? versionMax : match[3] === undefined ? min : Number(match[3]) }
}

/** Whether the version lies within the range. */
export const includesVersion = (range: VersionRange, version: number): boolean =>
  version >= range.min && version <= range.max
