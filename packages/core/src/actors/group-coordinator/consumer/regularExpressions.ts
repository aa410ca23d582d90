import { ErrorCode } from "../../../model/ErrorCode.ts"
import { RegexSyntaxError } from "../../../model/regex/RegexNode.ts"
import { GroupLimits } from "../GroupLimits.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { RegularExpressionValue } from "../records/CoordinatorRecord.ts"
import { Refusal } from "../Refusal.ts"
import type { ConsumerGroup, ConsumerMember } from "./ConsumerGroup.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"

/** At most so often all topics are searched again for one group. Source: REGEX_BATCH_REFRESH_MIN_INTERVAL_MS. */
const refreshIntervalMinMs = 10_000

const isSet = (regex: string | null): regex is string => regex !== null && regex !== ""

/** Undefined: not known yet, see `TopicMatches`. */
const resolve = (
  regularExpression: string,
  topics: GroupTopics,
  mayDescribe: (topic: string) => boolean,
  nowMs: number
): RegularExpressionValue | Refusal | undefined => {
  const matching = topics.matching(regularExpression)
  if (matching === undefined) return undefined
  if (matching instanceof RegexSyntaxError) {
    // Kafka tells what is wrong, not where.
    const [problem] = matching.message.split(": `")
    return new Refusal(
      ErrorCode.INVALID_REGULAR_EXPRESSION,
      `SubscribedTopicRegex \`${regularExpression}\` is not a valid regular expression: ${problem}.`
    )
  }
  return { topics: matching.filter(mayDescribe).sort(), version: topics.endOffset, timestampMs: nowMs }
}

const sameTopics = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

/**
 * The group's expressions after a member changed its own, with the records that say so: a new one is resolved at once,
 * one nobody uses any more is dropped, and all are resolved again when topics came or went (every ten seconds at most).
 */
export const updateRegularExpressions = (
  step: ConsumerStep,
  group: ConsumerGroup,
  old: ConsumerMember,
  updated: ConsumerMember
): ReadonlyMap<string, RegularExpressionValue> | Refusal => {
  const { mayDescribe, nowMs, topics } = step
  const next = new Map(group.regularExpressions)
  const put = (regularExpression: string, value: RegularExpressionValue | null): void => {
    if (value === null) next.delete(regularExpression)
    else next.set(regularExpression, value)
    step.records.push({ _tag: "ConsumerGroupRegularExpression", groupId: group.groupId, regularExpression, value })
  }
  const wanted = updated.subscribedTopicRegex
  if (isSet(wanted) && !next.has(wanted)) {
    if (next.size >= GroupLimits.regularExpressionsMax) {
      return new Refusal(ErrorCode.INVALID_REQUEST, "The group has too many regular expressions.")
    }
    // What a new member sends was matched before; were it not, the client would ask again.
    const value = resolve(wanted, topics, mayDescribe, nowMs) ??
      new Refusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, "The regular expression is still being matched.")
    if (value instanceof Refusal) return value
    put(wanted, value)
  }
  const dropped = old.subscribedTopicRegex
  if (isSet(dropped) && dropped !== wanted && next.has(dropped)) {
    const others = [...group.members.values()].filter((member) => member.memberId !== updated.memberId)
    if (!others.some((member) => member.subscribedTopicRegex === dropped)) put(dropped, null)
  }
  if (topics.endOffset === group.checkedImageOffset) return next
  for (const [regularExpression, value] of [...next]) {
    if (value.version >= topics.endOffset || nowMs - value.timestampMs < refreshIntervalMinMs) continue
    const fresh = resolve(regularExpression, topics, mayDescribe, nowMs)
    if (fresh !== undefined && !(fresh instanceof Refusal) && !sameTopics(fresh.topics, value.topics)) {
      put(regularExpression, fresh)
    }
  }
  return next
}

/** Whether a resolution is still to be repeated: the last one is too young, or the next one took too long for a turn. */
export const awaitsRefresh = (
  regularExpressions: ReadonlyMap<string, RegularExpressionValue>,
  topics: GroupTopics,
  nowMs: number
): boolean => {
  for (const [regularExpression, value] of regularExpressions) {
    if (value.version >= topics.endOffset) continue
    const isYoung = nowMs - value.timestampMs < refreshIntervalMinMs
    if (isYoung || topics.matching(regularExpression) === undefined) return true
  }
  return false
}
