import type { ByteReader } from "../wire/ByteReader.ts"
import type { ByteWriter } from "../wire/ByteWriter.ts"
import { compileDecoder, type Decoder } from "./compileDecoder.ts"
import { compileEncoder, type Encoder } from "./compileEncoder.ts"
import type { Fields, InputOfFields, ValueOfFields } from "./FieldType.ts"
import { includesVersion, type VersionRange } from "./VersionRange.ts"

/** A declared message: its fields for all versions, and the codecs of each version, compiled on first use. */
export class Message<F extends Fields> {
  readonly name: string
  readonly versions: VersionRange
  /** Versions with compact lengths and tagged fields. */
  readonly flexibleVersions: VersionRange
  readonly fields: F
  private readonly decoders: Array<Decoder | undefined>
  private readonly encoders: Array<Encoder | undefined>

  constructor(options: {
    readonly name: string
    readonly versions: VersionRange
    readonly flexibleVersions: VersionRange
    readonly fields: F
  }) {
    this.name = options.name
    this.versions = options.versions
    this.flexibleVersions = options.flexibleVersions
    this.fields = options.fields
    this.decoders = Array.from({ length: options.versions.max + 1 }, () => undefined)
    this.encoders = Array.from({ length: options.versions.max + 1 }, () => undefined)
  }

  supports(version: number): boolean {
    return includesVersion(this.versions, version)
  }

  isFlexible(version: number): boolean {
    return includesVersion(this.flexibleVersions, version)
  }

  /** Reads a value of a supported version; throws `DecodeError`. Bytes in it are views of the reader's source. */
  decode(reader: ByteReader, version: number): ValueOfFields<F> {
    return (this.decoders[version] ?? this.compileDecoder(version))(reader) as ValueOfFields<F>
  }

  /** Writes a value in a supported version; throws `EncodeError`. Fields that the version lacks are left out. */
  encode(writer: ByteWriter, version: number, value: InputOfFields<F>): void {
    const encoder = this.encoders[version] ?? this.compileEncoder(version)
    encoder(writer, value)
  }

  private compileDecoder(version: number): Decoder {
    this.assertSupported(version)
    return this.decoders[version] = compileDecoder(this.fields, version, this.isFlexible(version))
  }

  private compileEncoder(version: number): Encoder {
    this.assertSupported(version)
    return this.encoders[version] = compileEncoder(this.name, this.fields, version, this.isFlexible(version))
  }

  /** The caller checks versions that come from the peer; here it is a mistake of the program. */
  private assertSupported(version: number): void {
    if (!this.supports(version)) throw new RangeError(`${this.name} has no version ${version}`)
  }
}

/** What decoding the message gives. */
export type ValueOf<M> = M extends Message<infer F> ? ValueOfFields<F> : never

/** What encoding the message takes: fields with a declared default may be left out. */
export type InputOf<M> = M extends Message<infer F> ? InputOfFields<F> : never
