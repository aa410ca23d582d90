/** Inclusive ranges of code points, in any order. */
export type CharRanges = ReadonlyArray<readonly [number, number]>

/** Where an empty-width test holds. */
export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "wordBoundary" | "notWordBoundary"

/** A parsed regular expression. Groups, names and laziness are gone: only whether a whole text matches is asked. */
export type RegexNode =
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Chars"; readonly ranges: CharRanges }
  | { readonly _tag: "Assert"; readonly assertion: Assertion }
  | { readonly _tag: "Concat"; readonly nodes: ReadonlyArray<RegexNode> }
  | { readonly _tag: "Alternate"; readonly nodes: ReadonlyArray<RegexNode> }
  | { readonly _tag: "Repeat"; readonly node: RegexNode; readonly min: number; readonly max: number }

/** The largest code point. */
export const lastCodePoint = 0x10ffff

/** Why an expression is refused; the words are RE2's. */
export class RegexSyntaxError extends Error {
  readonly _tag = "RegexSyntaxError"
}

/** Refuses the expression. */
export const failRegex = (message: string): never => {
  throw new RegexSyntaxError(message)
}
