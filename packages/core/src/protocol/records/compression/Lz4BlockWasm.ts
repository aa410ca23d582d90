import {
  and,
  type Code,
  defineFunction,
  equal,
  greaterUnsigned,
  isZero,
  less,
  load16,
  load8,
  type Local,
  or,
  repeat,
  returns,
  shiftRightUnsigned,
  subtract,
  when,
  whileTrue
} from "./WasmAssembler.ts"
import { copyLiterals, copyMatch } from "./wasmCopies.ts"

const refused = returns(-1)

/** A length of 15 goes on in the bytes that follow: each is added, and one below 255 is the last. */
const longLength = (length: Local, byte: Local, from: Local, end: Local): Code =>
  when(
    equal(length, 15),
    repeat([
      when(equal(from, end), refused),
      byte.set(load8(from)),
      from.increase(1),
      length.increase(byte)
    ], equal(byte, 255))
  )

/**
 * `lz4(from, end, to, targetEnd)`: what `decodeLz4Block` of `Lz4Block.ts` does, in one memory; source and target do not
 * overlap. Returns the end of what was written, or -1 where that one throws or finds the target too small.
 */
export const lz4BlockFunction = defineFunction(
  "lz4",
  ["from", "end", "to", "targetEnd"],
  ["targetStart", "token", "length", "byte", "distance", "at", "source", "copyEnd"],
  (locals) => {
    const { at, byte, copyEnd, distance, end, from, length, source, targetEnd, targetStart, to, token } = locals
    return [
      targetStart.set(to),
      whileTrue(
        less(from, end),
        token.set(load8(from)),
        from.increase(1),
        length.set(shiftRightUnsigned(token, 4)),
        longLength(length, byte, from, end),
        when(
          or(greaterUnsigned(length, subtract(end, from)), greaterUnsigned(length, subtract(targetEnd, to))),
          refused
        ),
        copyLiterals(to, from, length, locals),
        to.increase(length),
        from.increase(length),
        when(equal(from, end), returns(to)),
        when(less(subtract(end, from), 2), refused),
        distance.set(load16(from)),
        from.increase(2),
        when(or(isZero(distance), greaterUnsigned(distance, subtract(to, targetStart))), refused),
        length.set(and(token, 15)),
        longLength(length, byte, from, end),
        length.increase(4),
        when(greaterUnsigned(length, subtract(targetEnd, to)), refused),
        source.set(subtract(to, distance)),
        at.set(to),
        to.increase(length),
        copyEnd.set(to),
        copyMatch(distance, locals)
      ),
      refused
    ]
  }
)
