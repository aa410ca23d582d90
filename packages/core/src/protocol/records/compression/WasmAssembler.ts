/**
 * A small assembler for WebAssembly: expressions and statements are functions that give instruction bytes, so that a
 * program reads from top to bottom in its source and no binary is checked in. It knows what the block decoders need:
 * functions of int32 values over one imported memory.
 *
 * Source: the WebAssembly specification 2.0, chapter "Binary Format".
 */

/** Bytes of instructions. An expression leaves one value, a statement none. */
export type Code = ReadonlyArray<number>

const I32 = 0x7f
const EMPTY_BLOCK = 0x40

const unsignedLeb = (value: number): Code => {
  const bytes: Array<number> = []
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  bytes.push(value)
  return bytes
}

const signedLeb = (value: number): Code => {
  const bytes: Array<number> = []
  for (; value < -0x40 || value >= 0x40; value >>= 7) bytes.push((value & 0x7f) | 0x80)
  bytes.push(value & 0x7f)
  return bytes
}

const i32 = (value: number): Code => [0x41, ...signedLeb(value)]

/** An expression or a constant. */
export type Operand = Code | number

const operand = (value: Operand): Code => typeof value === "number" ? i32(value) : value

const binary = (opcode: number) => (left: Operand, right: Operand): Code => [
  ...operand(left),
  ...operand(right),
  opcode
]

export const equal = binary(0x46)
export const notEqual = binary(0x47)
/** Of signed values. */
export const less = binary(0x48)
/** Of unsigned values, for which what is negative is larger than any size. */
export const greaterUnsigned = binary(0x4b)
export const add = binary(0x6a)
export const subtract = binary(0x6b)
export const and = binary(0x71)
export const or = binary(0x72)
export const shiftLeft = binary(0x74)
export const shiftRightUnsigned = binary(0x76)
export const isZero = (value: Code): Code => [...value, 0x45]

/** An unaligned access: alignment 2^0, and an offset added to the address. */
const memoryArgument = (offset: number): Code => [0, ...unsignedLeb(offset)]

export const load8 = (address: Code, offset = 0): Code => [...address, 0x2d, ...memoryArgument(offset)]
export const load16 = (address: Code, offset = 0): Code => [...address, 0x2f, ...memoryArgument(offset)]
export const load32 = (address: Code, offset = 0): Code => [...address, 0x28, ...memoryArgument(offset)]

/** Copies 8 bytes, all of which are read before any is written. */
export const copy8 = (to: Code, from: Code, offset = 0): Code => [
  ...to,
  ...from,
  ...[0x29, ...memoryArgument(offset)],
  ...[0x37, ...memoryArgument(offset)]
]

/** Copies 16 bytes, all of which are read before any is written. */
export const copy16 = (to: Code, from: Code, offset = 0): Code => [
  ...to,
  ...from,
  ...[0xfd, 0x00, ...memoryArgument(offset)],
  ...[0xfd, 0x0b, ...memoryArgument(offset)]
]

/** A variable of a function, an int32; as an expression it is its value. */
export type Local = Code & {
  readonly set: (value: Operand) => Code
  readonly increase: (by: Operand) => Code
}

const localAt = (index: number): Local => {
  const value = [0x20, ...unsignedLeb(index)]
  const set = (next: Operand): Code => [...operand(next), 0x21, ...unsignedLeb(index)]
  return Object.assign(value, { set, increase: (by: Operand) => set(add(value, by)) })
}

export const when = (condition: Code, ...body: ReadonlyArray<Code>): Code => [
  ...[...condition, 0x04, EMPTY_BLOCK],
  ...body.flat(),
  0x0b
]

export const whenElse = (condition: Code, body: ReadonlyArray<Code>, otherwise: ReadonlyArray<Code>): Code => [
  ...[...condition, 0x04, EMPTY_BLOCK],
  ...body.flat(),
  0x05,
  ...otherwise.flat(),
  0x0b
]

/** Repeats the body while the condition holds, which is looked at first. */
export const whileTrue = (condition: Code, ...body: ReadonlyArray<Code>): Code => [
  ...[0x03, EMPTY_BLOCK, ...condition, 0x04, EMPTY_BLOCK],
  ...body.flat(),
  ...[0x0c, 1, 0x0b, 0x0b]
]

/** Does the body, and again while the condition holds. */
export const repeat = (body: ReadonlyArray<Code>, condition: Code): Code => [
  ...[0x03, EMPTY_BLOCK],
  ...body.flat(),
  ...[...condition, 0x0d, 0, 0x0b]
]

/** Ends the function with this result. */
export const returns = (value: Operand): Code => [...operand(value), 0x0f]

/** A function of int32 parameters with an int32 result. */
export interface WasmFunction {
  readonly name: string
  readonly parameterCount: number
  readonly localCount: number
  readonly body: ReadonlyArray<Code>
}

/**
 * A function whose body is made of statements over its parameters and further variables, which are 0 at first. To
 * reach the end of the body without `returns` is a trap.
 */
export const defineFunction = <const Parameter extends string, const Variable extends string>(
  name: string,
  parameters: ReadonlyArray<Parameter>,
  variables: ReadonlyArray<Variable>,
  body: (locals: Readonly<Record<Parameter | Variable, Local>>) => ReadonlyArray<Code>
): WasmFunction => {
  const names = [...parameters, ...variables]
  const locals = Object.fromEntries(names.map((each, index) => [each, localAt(index)]))
  return {
    name,
    parameterCount: parameters.length,
    localCount: names.length,
    body: body(locals as Record<Parameter | Variable, Local>)
  }
}

const vector = (items: ReadonlyArray<Code>): Code => [...unsignedLeb(items.length), ...items.flat()]

const section = (id: number, content: Code): Code => [id, ...unsignedLeb(content.length), ...content]

const name = (text: string): Code => vector(Array.from(text, (character) => [character.charCodeAt(0)]))

const typeOf = ({ parameterCount }: WasmFunction): Code => [
  0x60,
  ...vector(Array<Code>(parameterCount).fill([I32])),
  ...vector([[I32]])
]

const bodyOf = ({ body, localCount, parameterCount }: WasmFunction): Code => {
  const content = [...vector([[...unsignedLeb(localCount - parameterCount), I32]]), ...body.flat(), 0x00, 0x0b]
  return [...unsignedLeb(content.length), ...content]
}

/** A module that imports the memory `host.memory` of so many pages and exports the functions by their names. */
export const assemble = (memoryPages: number, functions: ReadonlyArray<WasmFunction>): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map(typeOf))),
    ...section(2, vector([[...name("host"), ...name("memory"), 0x02, 0x00, ...unsignedLeb(memoryPages)]])),
    ...section(3, vector(functions.map((_, index) => unsignedLeb(index)))),
    ...section(7, vector(functions.map((each, index) => [...name(each.name), 0x00, ...unsignedLeb(index)]))),
    ...section(10, vector(functions.map(bodyOf)))
  ])
