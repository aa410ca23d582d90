import { type Fields, type FieldType, isNullable, isPresent } from "../../../core/src/protocol/schema/FieldType.ts"
import type { Message } from "../../../core/src/protocol/schema/Message.ts"
import { ByteWriter } from "../../../core/src/protocol/wire/ByteWriter.ts"

/** A length or count in an encoded message: the places where a reader may be led astray. */
export interface Mark {
  readonly kind: "ArrayCount" | "StringLength" | "BytesLength" | "TagCount"
  /** Position of its first byte, and how many bytes it takes. */
  readonly at: number
  readonly size: number
  /** Unsigned varint of the value plus one (of the value itself for `TagCount`), else big-endian. */
  readonly isCompact: boolean
  /** Names of the fields down to it, for messages of tests. */
  readonly path: string
}

export interface MarkedMessage {
  readonly bytes: Uint8Array
  readonly marks: ReadonlyArray<Mark>
}

type Field = FieldType<any, any, boolean>

/** Growing bytes with the marks found so far. */
class MarkedWriter {
  bytes: Array<number> = []
  readonly marks: Array<Mark> = []
  private readonly primitives = new ByteWriter(64)
  readonly version: number
  readonly flexible: boolean

  constructor(version: number, flexible: boolean) {
    this.version = version
    this.flexible = flexible
  }

  private append(bytes: Uint8Array): void {
    for (const byte of bytes) this.bytes.push(byte)
  }

  uvarint(value: number): void {
    this.primitives.uvarint(value)
    this.append(this.primitives.finishBytes())
  }

  /** Writes a length or count; -1 is null. */
  private length(kind: Mark["kind"], value: number, classicSize: 2 | 4, path: string): void {
    const at = this.bytes.length
    if (this.flexible) this.uvarint(value + 1)
    else {
      if (classicSize === 2) this.primitives.int16(value)
      else this.primitives.int32(value)
      this.append(this.primitives.finishBytes())
    }
    this.marks.push({ kind, at, size: this.bytes.length - at, isCompact: this.flexible, path })
  }

  struct(fields: Fields, value: Record<string, unknown>, path: string): void {
    const tagged: Array<readonly [string, Field]> = []
    for (const [name, field] of Object.entries(fields)) {
      if (!isPresent(field, this.version)) continue
      if (field.state.tag === undefined) this.field(field, value[name], `${path}.${name}`)
      else if (value[name] !== undefined) tagged.push([name, field])
    }
    if (!this.flexible) return
    tagged.sort(([, a], [, b]) => a.state.tag! - b.state.tag!)
    const at = this.bytes.length
    this.uvarint(tagged.length)
    this.marks.push({ kind: "TagCount", at, size: this.bytes.length - at, isCompact: true, path: `${path}.tags` })
    for (const [name, field] of tagged) this.tag(field, value[name], `${path}.${name}`)
  }

  private tag(field: Field, value: unknown, path: string): void {
    const inner = new MarkedWriter(this.version, this.flexible)
    inner.field(field, value, path)
    this.uvarint(field.state.tag!)
    this.uvarint(inner.bytes.length)
    for (const mark of inner.marks) this.marks.push({ ...mark, at: mark.at + this.bytes.length })
    for (const byte of inner.bytes) this.bytes.push(byte)
  }

  field(field: Field, value: unknown, path: string): void {
    const { type } = field.state
    switch (type.kind) {
      case "array": {
        const elements = value as ReadonlyArray<unknown> | null
        this.length("ArrayCount", elements?.length ?? -1, 4, path)
        for (const element of elements ?? []) this.field(type.element, element, path)
        return
      }
      case "struct": {
        if (isNullable(field, this.version)) {
          if (field.state.tag === undefined) this.bytes.push(value === null ? 0xff : 1)
          else this.uvarint(value === null ? 0 : 1)
        }
        if (value !== null) this.struct(type.fields, value as Record<string, unknown>, path)
        return
      }
      case "primitive":
        return this.primitive(type.primitive, value, path)
    }
  }

  private primitive(primitive: string, value: unknown, path: string): void {
    if (primitive === "string") {
      const text = value === null ? undefined : new TextEncoder().encode(value as string)
      this.length("StringLength", text?.length ?? -1, 2, path)
      if (text !== undefined) this.append(text)
    } else if (primitive === "bytes" || primitive === "records") {
      const bytes = value as Uint8Array | null
      this.length("BytesLength", bytes?.length ?? -1, 4, path)
      if (bytes !== null) this.append(bytes)
    } else {
      this.primitives[primitive as "int8"](value as number)
      this.append(this.primitives.finishBytes())
    }
  }
}

/**
 * Encodes a value by its declaration, apart from the compiled encoders, and tells where the lengths and counts are.
 * Tagged fields are written whenever the value has them.
 */
export const encodeMarked = (message: Message<any>, version: number, value: Record<string, unknown>): MarkedMessage => {
  const writer = new MarkedWriter(version, message.isFlexible(version))
  writer.struct(message.fields, value, message.name)
  return { bytes: Uint8Array.from(writer.bytes), marks: writer.marks }
}
