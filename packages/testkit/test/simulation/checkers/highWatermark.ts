import type { Read } from "../History.ts"
import { type Checker, short } from "./Facts.ts"

/**
 * The high watermark never goes back, is behind everything acknowledged with acks=all before it was asked for, and nothing
 * is read at or behind it.
 */
export const highWatermark: Checker = function*(facts) {
  for (const [key, reads] of facts.reads) {
    const byAnswer = [...reads].sort((one, other) => one.answeredAt - other.answeredAt)
    const byQuestion = [...reads].sort((one, other) => one.askedAt - other.askedAt)
    const sends = (facts.sends.get(key) ?? []).filter((send) =>
      send.acks === -1 && send.outcome === "Acknowledged" && send.baseOffset >= 0
    )
      .sort((one, other) => one.endedAt - other.endedAt)
    let answers = 0
    let acknowledged = 0
    let highest: Read | undefined
    let farthest: (typeof sends)[number] | undefined
    for (const read of byQuestion) {
      const last = read.records.at(-1)
      if (last !== undefined && last.offset >= read.highWatermark) {
        yield `${read.reader} read ${key} offset ${last.offset} with high watermark ${read.highWatermark}`
      }
      for (; answers < byAnswer.length && byAnswer[answers]!.answeredAt < read.askedAt; answers++) {
        if (highest === undefined || byAnswer[answers]!.highWatermark >= highest.highWatermark) {
          highest = byAnswer[answers]
        }
      }
      for (; acknowledged < sends.length && sends[acknowledged]!.endedAt < read.askedAt; acknowledged++) {
        const send = sends[acknowledged]!
        if (farthest === undefined || send.baseOffset >= farthest.baseOffset) farthest = send
      }
      if (
        highest !== undefined && read.highWatermark < highest.highWatermark &&
        !facts.mayBeLost(key, highest.highWatermark - 1, highest.askedAt, read.answeredAt)
      ) {
        yield `the high watermark of ${key} was ${highest.highWatermark} for ${highest.reader}, then ` +
          `${read.highWatermark} for ${read.reader}`
      }
      const end = farthest === undefined ? 0 : farthest.baseOffset + farthest.values.length
      if (
        farthest !== undefined && read.highWatermark < end &&
        !facts.mayBeLost(key, end - 1, farthest.sentAt, read.answeredAt)
      ) {
        yield `${read.reader} saw high watermark ${read.highWatermark} of ${key} after ${short(farthest.values[0]!)} ` +
          `was acknowledged at ${farthest.baseOffset}`
      }
    }
  }
}
