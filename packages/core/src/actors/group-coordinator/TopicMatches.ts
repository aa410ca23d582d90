import { Effect, Semaphore } from "effect"
import { parseRegex, type Regex } from "../../model/regex/Regex.ts"
import { RegexSyntaxError } from "../../model/regex/RegexNode.ts"
import type { Tick } from "../../seams/Tick.ts"
import { GroupLimits } from "./GroupLimits.ts"

/** The names that exist, in an order that stays the same as long as `endOffset` does. */
export interface TopicNames {
  readonly endOffset: number
  readonly names: () => Iterable<string>
}

/** One expression and the topics it matches: as many of them as were looked at. */
class Match {
  readonly regex: Regex
  endOffset = -1
  private names: Iterator<string> | undefined = undefined
  private matched: Array<string> = []
  private stepsBefore = 0

  constructor(regex: Regex) {
    this.regex = regex
  }

  /** The names that match, once all were looked at. */
  resultAt(endOffset: number): ReadonlyArray<string> | RegexSyntaxError | undefined {
    if (this.endOffset !== endOffset) return undefined
    if (this.names === undefined) return this.matched
    return this.regex.steps - this.stepsBefore > GroupLimits.regexStepsMax
      ? new RegexSyntaxError("expression too large")
      : undefined
  }

  /** Looks at more names, until about so many steps were done; returns how many were. */
  advance(topics: TopicNames, stepsMax: number): number {
    if (this.endOffset !== topics.endOffset) {
      this.endOffset = topics.endOffset
      this.names = topics.names()[Symbol.iterator]()
      this.matched = []
      this.stepsBefore = this.regex.steps
    }
    const { names, regex } = this
    const before = regex.steps
    while (names !== undefined && regex.steps - before < stepsMax) {
      const next = names.next()
      if (next.done === true) {
        this.names = undefined
        break
      }
      if (regex.matches(next.value)) this.matched.push(next.value)
    }
    return regex.steps - before
  }
}

/**
 * The topics that match the regular expressions of groups. An expression is matched in slices before a group hears of it, one
 * at a time, and what was found is kept: a group's decision only looks it up. Source: GroupMetadataManager, which matches in an
 * executor.
 */
export class TopicMatches {
  private readonly tick: Tick["Service"]
  private readonly slices = Semaphore.makeUnsafe(1)
  /** Those used last come last. */
  private readonly known = new Map<string, Match>()
  private stepsInTurn = 0

  constructor(tick: Tick["Service"]) {
    this.tick = tick
  }

  /**
   * The names that match, in their order; the error for what is no expression, or takes too much work. Undefined when it is
   * not known yet and the work of this turn is done: to be asked again.
   */
  matching(text: string, topics: TopicNames): ReadonlyArray<string> | RegexSyntaxError | undefined {
    const match = this.find(text)
    if (match instanceof RegexSyntaxError) return match
    const result = match.resultAt(topics.endOffset)
    const leftSteps = GroupLimits.regexStepsInTurnMax - this.stepsInTurn
    if (result !== undefined || leftSteps <= 0) return result
    if (this.stepsInTurn === 0) this.tick.atEnd(this.startAnew)
    // A name takes a step at least, so a turn comes to its end.
    this.stepsInTurn += Math.max(1, match.advance(topics, leftSteps))
    return match.resultAt(topics.endOffset)
  }

  /** Whether {@link TopicMatches.matching} has nothing to do. */
  isKnown(text: string, topics: TopicNames): boolean {
    return this.known.get(text)?.resultAt(topics.endOffset) !== undefined
  }

  /** Completes when {@link TopicMatches.matching} has nothing to do, in the same turn; others run between the slices. */
  prepare(text: string, topics: () => TopicNames): Effect.Effect<void> {
    return this.slices.withPermit(Effect.gen({ self: this }, function*() {
      while (true) {
        yield* Effect.yieldNow
        const match = this.find(text)
        if (match instanceof RegexSyntaxError) return
        const names = topics()
        match.advance(names, GroupLimits.regexSliceSteps)
        if (match.resultAt(names.endOffset) !== undefined) return
      }
    }))
  }

  private find(text: string): Match | RegexSyntaxError {
    const known = this.known.get(text)
    if (known !== undefined) {
      this.known.delete(text)
      this.known.set(text, known)
      return known
    }
    const regex = parseRegex(text)
    if (regex instanceof RegexSyntaxError) return regex
    if (this.known.size >= GroupLimits.regexesKnownMax) this.known.delete(this.known.keys().next().value!)
    const match = new Match(regex)
    this.known.set(text, match)
    return match
  }

  private readonly startAnew = (): void => {
    this.stepsInTurn = 0
  }
}
