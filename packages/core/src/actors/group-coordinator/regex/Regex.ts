import { type Assertion, type CharRanges, failRegex, type RegexNode, RegexSyntaxError } from "./RegexNode.ts"
import { RegexParser } from "./RegexParser.ts"

/** Instructions of one expression; counted repetitions multiply them. */
const programSizeMax = 20_000

/** `next` follows an instruction; a split goes on at both places. */
type Instruction =
  | { readonly op: "chars"; readonly ranges: CharRanges; readonly next: number }
  | { readonly op: "assert"; readonly assertion: Assertion; readonly next: number }
  | { readonly op: "split"; readonly next: number; readonly other: number }
  | { readonly op: "match" }

/** Compiles backwards: each node knows what comes after it. Returns the instruction to begin at. */
class Compiler {
  readonly program: Array<Instruction> = [{ op: "match" }]

  private emit(instruction: Instruction): number {
    if (this.program.length >= programSizeMax) failRegex("expression too large")
    return this.program.push(instruction) - 1
  }

  compile(node: RegexNode, next: number): number {
    switch (node._tag) {
      case "Empty":
        return next
      case "Chars":
        return this.emit({ op: "chars", ranges: node.ranges, next })
      case "Assert":
        return this.emit({ op: "assert", assertion: node.assertion, next })
      case "Concat":
        return node.nodes.reduceRight((after, one) => this.compile(one, after), next)
      case "Alternate":
        return node.nodes.map((one) => this.compile(one, next))
          .reduceRight((other, first) => this.emit({ op: "split", next: first, other }))
      case "Repeat":
        return this.repeat(node.node, node.min, node.max, next)
    }
  }

  private repeat(node: RegexNode, min: number, max: number, next: number): number {
    let start = next
    if (max === Infinity) {
      const loop = this.emit({ op: "split", next, other: next })
      this.program[loop] = { op: "split", next: this.compile(node, loop), other: next }
      start = loop
    } else {
      for (let i = min; i < max; i++) start = this.emit({ op: "split", next: this.compile(node, start), other: next })
    }
    for (let i = 0; i < min; i++) start = this.compile(node, start)
    return start
  }
}

const inRanges = (ranges: CharRanges, point: number): boolean => {
  for (const range of ranges) if (point >= range[0] && point <= range[1]) return true
  return false
}

const isWord = (point: number | undefined): boolean =>
  point !== undefined && ((point >= 48 && point <= 57) || (point >= 65 && point <= 90) || point === 95 ||
    (point >= 97 && point <= 122))

const holds = (assertion: Assertion, before: number | undefined, after: number | undefined): boolean => {
  switch (assertion) {
    case "textStart":
      return before === undefined
    case "textEnd":
      return after === undefined
    case "lineStart":
      return before === undefined || before === 10
    case "lineEnd":
      return after === undefined || after === 10
    case "wordBoundary":
      return isWord(before) !== isWord(after)
    case "notWordBoundary":
      return isWord(before) === isWord(after)
  }
}

/** States of the automaton reached so far, each once. */
class StateSet {
  readonly states: Array<number> = []
  private readonly marks: Uint8Array

  constructor(size: number) {
    this.marks = new Uint8Array(size)
  }

  add(state: number): boolean {
    if (this.marks[state] === 1) return false
    this.marks[state] = 1
    this.states.push(state)
    return true
  }

  clear(): void {
    for (const state of this.states) this.marks[state] = 0
    this.states.length = 0
  }
}

/**
 * A regular expression with RE2's syntax and promise: matching takes time linear in the text, whatever the expression
 * (an automaton is followed in all its states at once; nothing is tried twice). Source: KIP-848 regex subscriptions,
 * https://github.com/google/re2/wiki/Syntax.
 */
export class Regex {
  private readonly program: ReadonlyArray<Instruction>
  private readonly start: number
  private current: StateSet
  private following: StateSet

  /** Throws {@link RegexSyntaxError}; use {@link parseRegex}. */
  constructor(text: string) {
    const compiler = new Compiler()
    this.start = compiler.compile(new RegexParser(text).parse(), 0)
    this.program = compiler.program
    this.current = new StateSet(this.program.length)
    this.following = new StateSet(this.program.length)
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    this.current.clear()
    this.follow(this.current, this.start, undefined, text.codePointAt(0))
    for (let at = 0; at < text.length;) {
      const point = text.codePointAt(at)!
      at += point > 0xffff ? 2 : 1
      const after = text.codePointAt(at)
      this.following.clear()
      for (const state of this.current.states) {
        const instruction = this.program[state]!
        if (instruction.op === "chars" && inRanges(instruction.ranges, point)) {
          this.follow(this.following, instruction.next, point, after)
        }
      }
      if (this.following.states.length === 0) return false
      const swap = this.current
      this.current = this.following
      this.following = swap
    }
    return this.current.states.some((state) => this.program[state]!.op === "match")
  }

  /** Adds a state and all that it leads to without reading a character. */
  private follow(set: StateSet, from: number, before: number | undefined, after: number | undefined): void {
    const pending = [from]
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (!set.add(state)) continue
      const instruction = this.program[state]!
      if (instruction.op === "split") pending.push(instruction.other, instruction.next)
      else if (instruction.op === "assert" && holds(instruction.assertion, before, after)) {
        pending.push(instruction.next)
      }
    }
  }
}

/** The expression, or why it is none. */
export const parseRegex = (text: string): Regex | RegexSyntaxError => {
  try {
    return new Regex(text)
  } catch (error) {
    if (error instanceof RegexSyntaxError) return error
    throw error
  }
}
