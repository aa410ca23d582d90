import type { ReadRecord } from "../History.ts"
import { type Checker, short } from "./Facts.ts"

/**
 * What was once read at an offset is there for ever. Where a power cut may have taken it, a leader of a newer epoch has
 * written what is there instead: consumers and followers tell by the epoch that the log was cut.
 */
export const sameBytes: Checker = function*(facts) {
  for (const [key, reads] of facts.reads) {
    const first = new Map<number, { readonly record: ReadRecord; readonly askedAt: number; readonly reader: string }>()
    for (const { answeredAt, askedAt, reader, records } of reads) {
      for (const record of records) {
        const { content, leaderEpoch, offset, value } = record
        const before = first.get(offset)
        if (before !== undefined && before.record.content === content) continue
        first.set(offset, { record, askedAt, reader })
        if (before === undefined) continue
        const isLost = facts.mayBeLost(key, offset, before.askedAt, answeredAt)
        if (isLost && leaderEpoch > before.record.leaderEpoch) continue
        yield `${key} offset ${offset} was ${short(before.record.value)} for ${before.reader} and ${
          short(value)
        } for ${reader}` +
          (before.record.value === value ? ", with other bytes" : "") +
          (isLost ? `, after a power cut, both of leader epoch ${leaderEpoch}` : "")
      }
    }
  }
}
