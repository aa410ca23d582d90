import { type Checker, short } from "./Facts.ts"

/** Nothing acknowledged is lost, by what its acks promised, and it is at the offset that was told. */
export const acknowledgedKept: Checker = function*(facts) {
  for (const [key, sends] of facts.sends) {
    const log = facts.finals.get(key)
    const trimmedTo = facts.trimmedTo(key)
    for (const send of sends) {
      if (send.outcome !== "Acknowledged" || send.baseOffset < 0) continue
      for (const [i, value] of send.values.entries()) {
        const offset = send.baseOffset + i
        if (offset < trimmedTo || log?.records.get(offset)?.value === value) continue
        if (send.acks !== -1 && facts.mayBeLost(key, offset, send.sentAt, Infinity)) continue
        const instead = log?.records.get(offset)?.value
        yield `${short(value)} was acknowledged with acks=${send.acks} at ${key} offset ${offset}; at the end ` +
          (log === undefined
            ? "the partition cannot be read"
            : instead === undefined
            ? `the log has ${log.startOffset} to ${log.endOffset} and nothing there`
            : `${short(instead)} is there`)
      }
    }
  }
}
