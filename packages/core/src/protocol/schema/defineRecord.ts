import type { Fields } from "./FieldType.ts"
import { Message } from "./Message.ts"
import { parseVersionRange, type VersionRangeText } from "./VersionRange.ts"

/** One kind of record in a log, numbered by `key` among the records of that log. */
export interface RecordType<Name extends string = string, F extends Fields = Fields> {
  readonly key: number
  readonly name: Name
  readonly message: Message<F>
}

/** Declares a kind of record; the words are those of `defineApi`. */
export const defineRecord = <const Name extends string, const F extends Fields>(options: {
  readonly key: number
  readonly name: Name
  readonly versions: VersionRangeText
  readonly flexible: VersionRangeText
  readonly fields: F
}): RecordType<Name, F> => ({
  key: options.key,
  name: options.name,
  message: new Message({
    name: options.name,
    versions: parseVersionRange(options.versions),
    flexibleVersions: parseVersionRange(options.flexible),
    fields: options.fields
  })
})
