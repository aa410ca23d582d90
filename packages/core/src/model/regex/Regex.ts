import { type Assertion, type CharRanges, failRegex, type RegexNode, RegexSyntaxError } from "./RegexNode.ts"
import { RegexParser } from "./RegexParser.ts"

/** Bounds of one expression, each with its reason. */
const RegexLimits = {
  /** Instructions of the automaton; counted repetitions multiply them, and a topic's name has 249 characters. */
  programMax: 1000,
  /** Nodes visited while it is compiled: repetitions of nothing make no instructions. */
  compileVisitsMax: 20_000,
  /** Sets of states that are kept, and states in them; beyond it all are forgotten and found anew as they are needed. */
  setsMax: 500,
  statesInSetsMax: 50_000
} as const

/** Where ranges begin and where what follows them does, by turns, ascending. */
type Bounds = Uint32Array

/** Ranges that touch each other become one. */
const boundsOf = (ranges: CharRanges): Bounds => {
  const bounds: Array<number> = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = bounds.length - 1
    if (last > 0 && from <= bounds[last]!) bounds[last] = Math.max(bounds[last]!, to + 1)
    else bounds.push(from, to + 1)
  }
  return Uint32Array.from(bounds)
}

/** How many of the numbers are not above `point`. */
const countUpTo = (numbers: Uint32Array, point: number): number => {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! <= point) low = middle + 1
    else high = middle
  }
  return low
}

const isWithin = (bounds: Bounds, point: number): boolean => countUpTo(bounds, point) % 2 === 1

/** `next` follows an instruction; a split goes on at both places. */
type Instruction =
  | { readonly op: "chars"; readonly bounds: Bounds; readonly next: number }
  | { readonly op: "assert"; readonly assertion: Assertion; readonly next: number }
  | { readonly op: "split"; readonly next: number; readonly other: number }
  | { readonly op: "match" }

/** Compiles backwards: each node knows what comes after it. Returns the instruction to begin at. */
class Compiler {
  readonly program: Array<Instruction> = [{ op: "match" }]
  private readonly bounds = new Map<CharRanges, Bounds>()
  private visits = 0

  private emit(instruction: Instruction): number {
    if (this.program.length >= RegexLimits.programMax) failRegex("expression too large")
    return this.program.push(instruction) - 1
  }

  compile(node: RegexNode, next: number): number {
    if (++this.visits > RegexLimits.compileVisitsMax) failRegex("expression too large")
    switch (node._tag) {
      case "Empty":
        return next
      case "Chars":
        return this.emit({ op: "chars", bounds: this.boundsOf(node.ranges), next })
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

  private boundsOf(ranges: CharRanges): Bounds {
    let bounds = this.bounds.get(ranges)
    if (bounds === undefined) {
      bounds = boundsOf(ranges)
      this.bounds.set(ranges, bounds)
    }
    return bounds
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

const stepsOfInstruction = 8

/** A line feed, a character of words, another one, or the end of the text: what the empty-width tests look at. */
type Neighbour = 0 | 1 | 2 | 3
const end: Neighbour = 0
const lineFeed: Neighbour = 1
const word: Neighbour = 2
const other: Neighbour = 3

const wordBounds = boundsOf([[48, 57], [65, 90], [95, 95], [97, 122]])

const neighbourOf = (point: number): Neighbour => point === 10 ? lineFeed : isWithin(wordBounds, point) ? word : other

const holds = (assertion: Assertion, before: Neighbour, after: Neighbour): boolean => {
  switch (assertion) {
    case "textStart":
      return before === end
    case "textEnd":
      return after === end
    case "lineStart":
      return before === end || before === lineFeed
    case "lineEnd":
      return after === end || after === lineFeed
    case "wordBoundary":
      return (before === word) !== (after === word)
    case "notWordBoundary":
      return (before === word) === (after === word)
  }
}

/** Characters that no instruction tells apart are one class, named by where they begin. */
const classStartsOf = (program: ReadonlyArray<Instruction>): Uint32Array => {
  const seen = new Set<Bounds>([Uint32Array.of(0, 10, 11), wordBounds])
  for (const instruction of program) if (instruction.op === "chars") seen.add(instruction.bounds)
  const starts = new Set<number>()
  for (const bounds of seen) for (const start of bounds) starts.add(start)
  return Uint32Array.from(starts).sort()
}

/** The instructions at which the text so far may be, not followed yet, and what they lead to as far as it was asked. */
interface StateSet {
  readonly states: Uint16Array
  readonly before: Neighbour
  /** By class of the next character. */
  readonly following: Map<number, StateSet>
  isMatchAtEnd: boolean | undefined
}

/**
 * A regular expression with RE2's syntax and promise: matching takes time linear in the text, whatever the expression. An
 * automaton is followed in all its states at once, and each set of states is found once: mostly a character costs one
 * look-up. Source: KIP-848 regex subscriptions, https://github.com/google/re2/wiki/Syntax.
 */
export class Regex {
  /** How much was done so far: one for each character, and eight for each instruction that was followed, as it costs. */
  steps = 0
  private readonly program: ReadonlyArray<Instruction>
  private readonly classStarts: Uint32Array
  /** The class of each ASCII character. */
  private readonly asciiClasses: Uint16Array
  private readonly sets = new Map<string, StateSet>()
  private statesInSets = 0
  private start: StateSet
  private readonly startState: number
  /** Marks of the walk under way. */
  private readonly marks: Uint32Array
  private walk = 0

  /** Throws {@link RegexSyntaxError}; use {@link parseRegex}. */
  constructor(text: string) {
    const compiler = new Compiler()
    this.startState = compiler.compile(new RegexParser(text).parse(), 0)
    this.program = compiler.program
    this.marks = new Uint32Array(this.program.length)
    this.classStarts = classStartsOf(this.program)
    this.asciiClasses = Uint16Array.from({ length: 128 }, (_, point) => this.classOf(point))
    this.start = this.setOf([this.startState], end)
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    let set = this.start
    for (let at = 0; at < text.length;) {
      const point = text.codePointAt(at)!
      at += point > 0xffff ? 2 : 1
      this.steps++
      const charClass = point < 128 ? this.asciiClasses[point]! : this.classOf(point)
      set = set.following.get(charClass) ?? this.follow(set, charClass)
      if (set.states.length === 0) return false
    }
    return set.isMatchAtEnd ??= this.reached(set, end).some((state) => this.program[state]!.op === "match")
  }

  private classOf(point: number): number {
    return countUpTo(this.classStarts, point) - 1
  }

  /** The set after a character of the class. */
  private follow(set: StateSet, charClass: number): StateSet {
    const point = this.classStarts[charClass]!
    const reached = this.reached(set, neighbourOf(point))
    const next: Array<number> = []
    const walk = ++this.walk
    for (const state of reached) {
      const instruction = this.program[state]!
      if (instruction.op !== "chars" || this.marks[instruction.next] === walk) continue
      if (!isWithin(instruction.bounds, point)) continue
      this.marks[instruction.next] = walk
      next.push(instruction.next)
    }
    const following = this.setOf(next, neighbourOf(point))
    set.following.set(charClass, following)
    return following
  }

  /** All instructions that the set leads to without reading a character. */
  private reached(set: StateSet, after: Neighbour): ReadonlyArray<number> {
    const walk = ++this.walk
    const reached: Array<number> = []
    const pending = Array.from(set.states)
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (this.marks[state] === walk) continue
      this.marks[state] = walk
      this.steps += stepsOfInstruction
      reached.push(state)
      const instruction = this.program[state]!
      if (instruction.op === "split") pending.push(instruction.other, instruction.next)
      else if (instruction.op === "assert" && holds(instruction.assertion, set.before, after)) {
        pending.push(instruction.next)
      }
    }
    return reached
  }

  /** The set of these states, each of them once. */
  private setOf(states: ReadonlyArray<number>, before: Neighbour): StateSet {
    const sorted = Uint16Array.from(states).sort()
    const key = `${before}${String.fromCharCode(...sorted)}`
    const known = this.sets.get(key)
    if (known !== undefined) return known
    const { setsMax, statesInSetsMax } = RegexLimits
    if (this.sets.size >= setsMax || this.statesInSets >= statesInSetsMax) this.forget()
    const set: StateSet = { states: sorted, before, following: new Map(), isMatchAtEnd: undefined }
    this.sets.set(key, set)
    this.statesInSets += sorted.length
    return set
  }

  private forget(): void {
    this.sets.clear()
    this.statesInSets = 0
    this.start = this.setOf([this.startState], end)
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
