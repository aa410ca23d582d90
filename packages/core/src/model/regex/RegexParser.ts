import { foldCase, negate, perlClass, posixClass, unicodeClass } from "./charClasses.ts"
import { type CharRanges, failRegex, lastCodePoint, type RegexNode } from "./RegexNode.ts"

/** RE2's bound on a counted repetition. */
const repeatMax = 1000
/** Groups inside groups. */
const depthMax = 1000

interface Flags {
  readonly ignoreCase: boolean
  readonly dotAll: boolean
  readonly multiline: boolean
}

const empty: RegexNode = { _tag: "Empty" }
const simpleEscapes: { readonly [letter: string]: number } = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }

/** Parses RE2's syntax: no back-references, no look-around. Throws `RegexSyntaxError`. Source: re2 syntax.txt. */
export class RegexParser {
  private readonly text: string
  private at = 0
  private depth = 0
  private flags: Flags = { ignoreCase: false, dotAll: false, multiline: false }

  constructor(text: string) {
    this.text = text
  }

  parse(): RegexNode {
    const node = this.alternation()
    if (this.at < this.text.length) failRegex("unexpected )")
    return node
  }

  private peek(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  private take(token: string): boolean {
    if (!this.peek(token)) return false
    this.at += token.length
    return true
  }

  /** The next code point. */
  private next(): number {
    const point = this.text.codePointAt(this.at)
    if (point === undefined) return failRegex("missing argument at end of expression")
    this.at += point > 0xffff ? 2 : 1
    return point
  }

  private alternation(): RegexNode {
    const nodes = [this.concatenation()]
    while (this.take("|")) nodes.push(this.concatenation())
    return nodes.length === 1 ? nodes[0]! : { _tag: "Alternate", nodes }
  }

  private concatenation(): RegexNode {
    const nodes: Array<RegexNode> = []
    while (this.at < this.text.length && !this.peek("|") && !this.peek(")")) {
      if (this.take("\\Q")) {
        const literals = [...this.quoted()]
        const last = literals.pop()
        // A repetition after the quotation is one of its last character.
        if (last !== undefined) nodes.push(...literals, this.repetition(last))
      } else nodes.push(this.repetition(this.atom()))
    }
    return nodes.length === 1 ? nodes[0]! : { _tag: "Concat", nodes }
  }

  private quoted(): ReadonlyArray<RegexNode> {
    const end = this.text.indexOf("\\E", this.at)
    const literal = this.text.slice(this.at, end === -1 ? undefined : end)
    this.at = end === -1 ? this.text.length : end + 2
    return Array.from(literal, (char) => this.literal(char.codePointAt(0)!))
  }

  private repetition(node: RegexNode): RegexNode {
    const start = this.at
    const bounds = this.bounds()
    if (bounds === undefined) return node
    this.take("?")
    const again = this.at
    if (this.bounds() !== undefined) {
      failRegex(`invalid nested repetition operator: \`${this.text.slice(start, Math.max(this.at, again))}\``)
    }
    return { _tag: "Repeat", node, min: bounds[0], max: bounds[1] }
  }

  private bounds(): readonly [number, number] | undefined {
    if (this.take("*")) return [0, Infinity]
    if (this.take("+")) return [1, Infinity]
    if (this.take("?")) return [0, 1]
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.text.slice(this.at, this.at + 16))
    // A brace that counts nothing is an ordinary character.
    if (match === null) return undefined
    this.at += match[0].length
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === "" ? Infinity : Number(match[3])
    if (min > repeatMax || (max !== Infinity && max > repeatMax) || min > max) {
      failRegex(`invalid repeat count: \`${match[0]}\``)
    }
    return [min, max]
  }

  private literal(point: number): RegexNode {
    return this.chars([[point, point]])
  }

  private chars(ranges: CharRanges): RegexNode {
    return { _tag: "Chars", ranges: this.flags.ignoreCase ? foldCase(ranges) : ranges }
  }

  private atom(): RegexNode {
    const start = this.at
    if (this.bounds() !== undefined) {
      failRegex(`missing argument to repetition operator: \`${this.text.slice(start, this.at)}\``)
    }
    if (this.take("(")) return this.group()
    if (this.take("[")) return this.brackets()
    if (this.take("\\")) return this.escape()
    if (this.take(".")) return { _tag: "Chars", ranges: this.flags.dotAll ? negate([]) : negate([[10, 10]]) }
    if (this.take("^")) return { _tag: "Assert", assertion: this.flags.multiline ? "lineStart" : "textStart" }
    if (this.take("$")) return { _tag: "Assert", assertion: this.flags.multiline ? "lineEnd" : "textEnd" }
    return this.literal(this.next())
  }

  private group(): RegexNode {
    if (++this.depth > depthMax) failRegex("expression nests too deeply")
    const outer = this.flags
    if (this.take("?")) {
      const named = /^(P?<)([^>]*)>/.exec(this.text.slice(this.at))
      if (named !== null && !/^P?<[=!]/.test(named[0])) {
        if (!/^\w+$/.test(named[2]!)) failRegex(`invalid named capture: \`(?${named[0]}\``)
        this.at += named[0].length
      } else if (!this.groupFlags()) {
        this.depth--
        // `(?i)` holds until the group around it ends.
        return empty
      }
    }
    const node = this.alternation()
    if (!this.take(")")) failRegex("missing closing )")
    this.flags = outer
    this.depth--
    return node
  }

  /** Reads flags after `(?`; true when a group follows (`:`), false when they stand alone. */
  private groupFlags(): boolean {
    const match = /^([imsU]*)(-([imsU]+))?([:)])/.exec(this.text.slice(this.at))
    if (match === null) {
      return failRegex(`invalid or unsupported Perl syntax: \`(?${this.text.slice(this.at, this.at + 1)}\``)
    }
    this.at += match[0].length
    const on = match[1]!
    const off = match[3] ?? ""
    const flag = (letter: string, old: boolean): boolean => off.includes(letter) ? false : on.includes(letter) || old
    this.flags = {
      ignoreCase: flag("i", this.flags.ignoreCase),
      dotAll: flag("s", this.flags.dotAll),
      multiline: flag("m", this.flags.multiline)
    }
    return match[4] === ":"
  }

  private escape(): RegexNode {
    if (this.take("A")) return { _tag: "Assert", assertion: "textStart" }
    if (this.take("z")) return { _tag: "Assert", assertion: "textEnd" }
    if (this.take("b")) return { _tag: "Assert", assertion: "wordBoundary" }
    if (this.take("B")) return { _tag: "Assert", assertion: "notWordBoundary" }
    if (this.take("C")) return { _tag: "Chars", ranges: negate([]) }
    const ranges = this.classEscape()
    return ranges === undefined ? this.literal(this.characterEscape()) : this.chars(ranges)
  }

  /** A class after a backslash, undefined when a character follows. */
  private classEscape(): CharRanges | undefined {
    const letter = this.text.charAt(this.at)
    const perl = letter === "" ? undefined : perlClass(letter)
    if (perl !== undefined) {
      this.at++
      return perl
    }
    if (letter !== "p" && letter !== "P") return undefined
    const match = /^[pP](\{(\^?)([^}]*)\}|(.))/.exec(this.text.slice(this.at))
    if (match === null) return failRegex("invalid character class range: `\\p`")
    this.at += match[0].length
    const ranges = unicodeClass(match[3] ?? match[4]!)
    return (letter === "P") !== (match[2] === "^") ? negate(ranges) : ranges
  }

  private characterEscape(): number {
    const rest = this.text.slice(this.at, this.at + 10)
    const hex = /^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(rest) ?? undefined
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest) ?? undefined
    if (hex !== undefined || octal !== undefined) {
      this.at += (hex ?? octal)![0].length
      const point = hex !== undefined ? parseInt(hex[1] ?? hex[2]!, 16) : parseInt(octal![0], 8)
      return point > lastCodePoint ? failRegex(`invalid escape sequence: \`\\${rest}\``) : point
    }
    if (rest === "") return failRegex("trailing backslash at end of expression: ``")
    const simple = simpleEscapes[rest.charAt(0)]
    const point = this.next()
    if (simple !== undefined) return simple
    if (/[0-9A-Za-z]/.test(String.fromCodePoint(point))) {
      return failRegex(`invalid escape sequence: \`\\${String.fromCodePoint(point)}\``)
    }
    return point
  }

  private brackets(): RegexNode {
    const start = this.at - 1
    const isNegated = this.take("^")
    const ranges: Array<readonly [number, number]> = []
    for (let first = true; first || !this.take("]"); first = false) {
      if (this.at >= this.text.length) return failRegex(`missing closing ]: \`${this.text.slice(start)}\``)
      const posix = /^\[:(\^?\w+):\]/.exec(this.text.slice(this.at, this.at + 16))
      if (posix !== null) {
        this.at += posix[0].length
        ranges.push(...posixClass(posix[1]!))
        continue
      }
      const item = this.bracketItem()
      if (typeof item !== "number") {
        ranges.push(...item)
        continue
      }
      if (!this.peek("-") || this.text.startsWith("-]", this.at)) {
        ranges.push([item, item])
        continue
      }
      this.at++
      const to = this.bracketItem()
      if (typeof to !== "number" || to < item) {
        return failRegex(`invalid character class range: \`${this.text.slice(start, this.at)}\``)
      }
      ranges.push([item, to])
    }
    const folded = this.flags.ignoreCase ? foldCase(ranges) : ranges
    return { _tag: "Chars", ranges: isNegated ? negate(folded) : folded }
  }

  private bracketItem(): number | CharRanges {
    if (!this.take("\\")) return this.next()
    return this.classEscape() ?? this.characterEscape()
  }
}
