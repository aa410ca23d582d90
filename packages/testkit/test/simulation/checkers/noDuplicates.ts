import { type Checker, short } from "./Facts.ts"

/** What an idempotent producer sent is in the log at most once, all else at most as often as it was sent; nothing else is. */
export const noDuplicates: Checker = function*(facts) {
  for (const [key, log] of facts.finals) {
    const allowed = new Map<string, number>()
    for (const send of facts.sends.get(key) ?? []) {
      for (const value of send.values) allowed.set(value, send.isIdempotent ? 1 : send.attempts)
    }
    const seen = new Map<string, Array<number>>()
    for (const { offset, value } of log.records.values()) {
      const others = seen.get(value)
      if (others === undefined) seen.set(value, [offset])
      else others.push(offset)
    }
    for (const [value, offsets] of seen) {
      const times = allowed.get(value)
      if (times === undefined) {
        yield `${key} has a record at ${offsets.join()} that nobody sent there: ${value.slice(0, 60)}`
      } else if (offsets.length > times) {
        yield `${short(value)} is in ${key} at ${offsets.join()}, and was sent ${
          times === 1 ? "to be there once" : `${times} times`
        }`
      }
    }
  }
}
