/**
 * Steps that the block decoders of LZ4 and Snappy share as WebAssembly. They copy in pieces of 16 bytes and go beyond
 * what they were asked for by less than {@link COPY_OVERSHOOT_BYTES}: what is written there is garbage until the next
 * step overwrites it, and never part of an output.
 */
import { add, type Code, copy16, copy8, less, type Local, repeat, shiftLeft, when, whileTrue } from "./WasmAssembler.ts"

/** Bytes of memory there must be behind the last byte that is copied, at its source and at its target. */
export const COPY_OVERSHOOT_BYTES = 64

/** The variables that the copies work with; the functions that use them give no meaning to them. */
export interface CopyLocals {
  readonly at: Local
  readonly source: Local
  readonly copyEnd: Local
}

/** Copies to `at`, piece after piece, until `copyEnd` is reached; the source lies 16 or more before `at`, or elsewhere. */
const copyPieces = ({ at, copyEnd, source }: CopyLocals): Code =>
  repeat([copy16(at, source), at.increase(16), source.increase(16)], less(at, copyEnd))

/** Copies `length` bytes from `from`, which lies elsewhere, to `to`. */
export const copyLiterals = (to: Local, from: Local, length: Local, locals: CopyLocals): Code => [
  ...copy16(to, from),
  ...when(
    less(16, length),
    locals.at.set(add(to, 16)),
    locals.source.set(add(from, 16)),
    locals.copyEnd.set(add(to, length)),
    copyPieces(locals)
  )
]

/**
 * Repeats from `source`, `distance` before `at`, until `copyEnd` is reached. A short distance is doubled first, as what
 * was just written continues the pattern: below 8 the first `distance` bytes of each copy are right, from 8 on all.
 */
export const copyMatch = (distance: Local, locals: CopyLocals): Code => {
  const { at, source } = locals
  return [
    ...when(
      less(distance, 16),
      whileTrue(less(distance, 8), copy8(at, source), at.increase(distance), distance.set(shiftLeft(distance, 1))),
      copy8(at, source),
      copy8(at, source, 8),
      at.increase(distance)
    ),
    ...copyPieces(locals)
  ]
}
