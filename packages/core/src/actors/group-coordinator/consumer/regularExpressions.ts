import { ErrorCode } from "../../../model/ErrorCode.ts"
import { GroupLimits } from "../GroupLimits.ts"
import type { GroupTopics } from "../GroupTopics.ts"
import type { RegularExpressionValue } from "../records/CoordinatorRecord.ts"
import { Refusal } from "../Refusal.ts"
import { parseRegex } from "../regex/Regex.ts"
import { RegexSyntaxError } from "../regex/RegexNode.ts"
import type { ConsumerGroup, ConsumerMember } from "./ConsumerGroup.ts"
import type { ConsumerStep } from "./ConsumerStep.ts"

/** At most so often all topics are searched again for one group. Source: REGEX_BATCH_REFRESH_MIN_INTERVAL_MS. */
const refreshIntervalMinMs = 10_000

const isSet = (regex: string | null): regex is string => regex !== null && regex !== ""

const resolve = (
  regularExpression: string,
  topics: GroupTopics,
  mayDescribe: (topic: string) => boolean,
  nowMs: number
): RegularExpressionValue | Refusal => {
  const regex = parseRegex(regularExpression)
  if (regex instanceof RegexSyntaxError) {
    // Kafka tells what is wrong, not where.
    const [problem] = regex.message.split(": `")
    return new Refusal(
      ErrorCode.INVALID_REGULAR_EXPRESSION,
      `SubscribedTopicRegex \`${regularExpression}\` is not a valid regular expression: ${problem}.`
    )
  }
  const matched: Array<string> = []
  for (const name of topics.names()) if (regex.matches(name) && mayDescribe(name)) matched.push(name)
  return { topics: matched.sort(), version: topics.endOffset, timestampMs: nowMs }
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
    const value = resolve(wanted, topics, mayDescribe, nowMs)
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
    if (!(fresh instanceof Refusal) && !sameTopics(fresh.topics, value.topics)) put(regularExpression, fresh)
  }
  return next
}

/** Whether a resolution is still to be repeated because the last one is too young. */
export const awaitsRefresh = (
  regularExpressions: ReadonlyMap<string, RegularExpressionValue>,
  topics: GroupTopics,
  nowMs: number
): boolean => {
  for (const value of regularExpressions.values()) {
    if (value.version < topics.endOffset && nowMs - value.timestampMs < refreshIntervalMinMs) return true
  }
  return false
}
