import {
  add,
  and,
  type Code,
  defineFunction,
  equal,
  greaterUnsigned,
  isZero,
  less,
  load16,
  load32,
  load8,
  notEqual,
  or,
  returns,
  shiftLeft,
  shiftRightUnsigned,
  subtract,
  when,
  whenElse,
  whileTrue
} from "./WasmAssembler.ts"
import { copyLiterals, copyMatch } from "./wasmCopies.ts"

const refused = returns(-1)

/**
 * `snappy(from, end, to, targetEnd)`: what `decodeSnappyBlock` of `SnappyBlock.ts` does after the block's size, in one
 * memory; source and target do not overlap. Returns `targetEnd`, or -1 where that one throws.
 */
export const snappyBlockFunction = defineFunction(
  "snappy",
  ["from", "end", "to", "targetEnd"],
  ["targetStart", "tag", "kind", "length", "distance", "extra", "at", "source", "copyEnd"],
  (locals) => {
    const { at, copyEnd, distance, end, extra, from, kind, length, source, tag, targetEnd, targetStart, to } = locals
    const needs = (bytes: number): Code => when(less(subtract(end, from), bytes), refused)
    /** Lengths above 60 stand for one to four bytes with the length less one. */
    const longLiteral = when(
      less(60, length),
      extra.set(subtract(length, 60)),
      when(less(subtract(end, from), extra), refused),
      // Four bytes are read whatever the length: there is memory behind the source.
      length.set(load32(from)),
      when(less(extra, 4), length.set(and(length, subtract(shiftLeft(1, shiftLeft(extra, 3)), 1)))),
      from.increase(extra),
      // The length less one is unsigned: only its largest value would become 0.
      when(equal(length, -1), refused),
      length.increase(1)
    )
    return [
      targetStart.set(to),
      whileTrue(
        less(from, end),
        tag.set(load8(from)),
        from.increase(1),
        kind.set(and(tag, 3)),
        length.set(add(shiftRightUnsigned(tag, 2), 1)),
        whenElse(
          isZero(kind),
          [
            longLiteral,
            when(
              or(greaterUnsigned(length, subtract(end, from)), greaterUnsigned(length, subtract(targetEnd, to))),
              refused
            ),
            copyLiterals(to, from, length, locals),
            to.increase(length),
            from.increase(length)
          ],
          [
            whenElse(
              equal(kind, 1),
              [
                needs(1),
                length.set(add(and(shiftRightUnsigned(tag, 2), 7), 4)),
                distance.set(or(shiftLeft(shiftRightUnsigned(tag, 5), 8), load8(from))),
                from.increase(1)
              ],
              [
                whenElse(
                  equal(kind, 2),
                  [needs(2), distance.set(load16(from)), from.increase(2)],
                  [needs(4), distance.set(load32(from)), from.increase(4)]
                )
              ]
            ),
            when(or(isZero(distance), greaterUnsigned(distance, subtract(to, targetStart))), refused),
            when(greaterUnsigned(length, subtract(targetEnd, to)), refused),
            source.set(subtract(to, distance)),
            at.set(to),
            to.increase(length),
            copyEnd.set(to),
            copyMatch(distance, locals)
          ]
        )
      ),
      when(notEqual(to, targetEnd), refused),
      returns(to)
    ]
  }
)
