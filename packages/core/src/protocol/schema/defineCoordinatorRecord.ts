import type { Fields } from "./FieldType.ts"
import { Message } from "./Message.ts"
import { noVersions, parseVersionRange, type VersionRangeText } from "./VersionRange.ts"

/**
 * One kind of record in `__consumer_offsets` or `__transaction_state`.
 *
 * The key starts with `type` as an int16 and is never flexible; the value starts with its version as an int16.
 * Source: CoordinatorRecordSerde.
 */
export interface CoordinatorRecordType<
  Name extends string = string,
  Key extends Fields = Fields,
  Value extends Fields = Fields
> {
  readonly type: number
  readonly name: Name
  readonly key: Message<Key>
  readonly value: Message<Value>
}

/** Declares a kind of coordinator record; `versions` and `flexible` are those of the value. */
export const defineCoordinatorRecord = <
  const Name extends string,
  const Key extends Fields,
  const Value extends Fields
>(options: {
  readonly type: number
  readonly name: Name
  readonly key: Key
  readonly versions: VersionRangeText
  readonly flexible: VersionRangeText
  readonly value: Value
}): CoordinatorRecordType<Name, Key, Value> => ({
  type: options.type,
  name: options.name,
  key: new Message({
    name: `${options.name}Key`,
    versions: { min: 0, max: 0 },
    flexibleVersions: noVersions,
    fields: options.key
  }),
  value: new Message({
    name: `${options.name}Value`,
    versions: parseVersionRange(options.versions),
    flexibleVersions: parseVersionRange(options.flexible),
    fields: options.value
  })
})
