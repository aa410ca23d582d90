import { type Checker, short } from "./Facts.ts"

/** Offsets follow each other without a gap, from where was read to the high watermark, and none is given to two batches. */
export const offsetsGapless: Checker = function*(facts) {
  for (const [key, reads] of facts.reads) {
    for (const { fetchOffset, reader, records } of reads) {
      for (const [i, { offset }] of records.entries()) {
        if (offset === fetchOffset + i) continue
        yield `${reader} read ${key} from ${fetchOffset} and got offset ${offset} in place ${i}`
        break
      }
    }
  }
  for (const [key, { endOffset, records, startOffset }] of facts.finals) {
    for (let offset = startOffset; offset < endOffset; offset++) {
      if (records.has(offset)) continue
      yield `${key} has no record at ${offset}, between its start ${startOffset} and its end ${endOffset}`
      break
    }
  }
  for (const [key, sends] of facts.sends) {
    const given = sends.filter((send) => send.outcome === "Acknowledged" && send.baseOffset >= 0)
      .sort((one, other) => one.baseOffset - other.baseOffset)
    for (let i = 1; i < given.length; i++) {
      const [one, other] = [given[i - 1]!, given[i]!]
      const lastOffset = one.baseOffset + one.values.length - 1
      if (other.baseOffset > lastOffset) continue
      const from = Math.min(one.sentAt, other.sentAt)
      if (facts.mayBeLost(key, other.baseOffset, from, Math.max(one.endedAt, other.endedAt))) continue
      yield `offset ${other.baseOffset} of ${key} was given to ${short(one.values[0]!)} and to ${
        short(other.values[0]!)
      }`
    }
  }
}
