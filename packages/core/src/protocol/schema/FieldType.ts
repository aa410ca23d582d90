import {
  allVersions,
  includesVersion,
  noVersions,
  parseVersionRange,
  type VersionRange,
  type VersionRangeText
} from "./VersionRange.ts"

/** Kafka's primitive types. */
export type Primitive =
  | "boolean"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "float64"
  | "uuid"
  | "string"
  | "bytes"
  | "records"

/** What a field holds. */
export type FieldKind =
  | { readonly kind: "primitive"; readonly primitive: Primitive }
  | { readonly kind: "array"; readonly element: FieldType<any, any, boolean> }
  | { readonly kind: "struct"; readonly fields: Fields }

/** Fields of a message or struct, in wire order. */
export interface Fields {
  readonly [name: string]: FieldType<any, any, boolean>
}

interface FieldState {
  readonly type: FieldKind
  readonly versions: VersionRange
  readonly nullableVersions: VersionRange
  /** undefined: none declared, so the encoding side must supply the field. */
  readonly defaultValue: unknown
  readonly tag: number | undefined
}

/**
 * One field of a message for all versions; immutable, every method returns a new one.
 *
 * `Value` is what decoding gives, `Input` what encoding takes, `Omittable` whether encoding may leave the field out.
 */
export class FieldType<out Value, out Input = Value, out Omittable extends boolean = false> {
  declare readonly "~Value": Value
  declare readonly "~Input": Input
  declare readonly "~Omittable": Omittable
  readonly state: FieldState

  constructor(state: FieldState) {
    this.state = state
  }

  /** The versions that carry the field; in others it decodes to its default and is not encoded. */
  in(versions: VersionRangeText): FieldType<Value, Input, Omittable> {
    return new FieldType({ ...this.state, versions: parseVersionRange(versions) })
  }

  /** The versions in which null is allowed (default: all). */
  nullable(versions: VersionRangeText = "0+"): FieldType<Value | null, Input | null, Omittable> {
    return new FieldType({ ...this.state, nullableVersions: parseVersionRange(versions) })
  }

  /** The value of the field where it is absent; encoding may then leave it out. */
  default(value: Value): FieldType<Value, Input, true> {
    return new FieldType({ ...this.state, defaultValue: value })
  }

  /**
   * Makes the field a tagged one, in the given versions if it has no range of its own yet.
   *
   * Its default is the declared one or else the type's; a field equal to it is not written.
   */
  tag(tag: number, versions?: VersionRangeText): FieldType<Value, Input, true> {
    return new FieldType({
      ...this.state,
      tag,
      versions: versions === undefined ? this.state.versions : parseVersionRange(versions)
    })
  }
}

/** A field of this type, in all versions, without default. */
export const fieldOf = <Value, Input = Value>(type: FieldKind): FieldType<Value, Input> =>
  new FieldType({ type, versions: allVersions, nullableVersions: noVersions, defaultValue: undefined, tag: undefined })

/** Whether encoding may leave the field out. */
export const isOmittable = (field: FieldType<any, any, boolean>): boolean =>
  field.state.defaultValue !== undefined || field.state.tag !== undefined

/** Whether a version has the field. */
export const isPresent = (field: FieldType<any, any, boolean>, version: number): boolean =>
  includesVersion(field.state.versions, version)

/** Whether a version allows null. */
export const isNullable = (field: FieldType<any, any, boolean>, version: number): boolean =>
  includesVersion(field.state.nullableVersions, version)

type Flatten<A> = { [K in keyof A]: A[K] }

type OmittableKeys<F extends Fields> = { [K in keyof F]: F[K]["~Omittable"] extends true ? K : never }[keyof F]

/** What decoding a struct of these fields gives: every field, in every version. */
export type ValueOfFields<F extends Fields> = { readonly [K in keyof F]: F[K]["~Value"] }

/** What encoding a struct of these fields takes: fields with a declared default may be left out. */
export type InputOfFields<F extends Fields> = [OmittableKeys<F>] extends [never]
  ? { readonly [K in keyof F]: F[K]["~Input"] }
  : Flatten<
    & { readonly [K in Exclude<keyof F, OmittableKeys<F>>]: F[K]["~Input"] }
    & { readonly [K in OmittableKeys<F>]?: F[K]["~Input"] | undefined }
  >
