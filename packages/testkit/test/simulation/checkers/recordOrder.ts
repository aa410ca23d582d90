import type { Send } from "../History.ts"
import { type Checker, type Facts, short } from "./Facts.ts"

const counterOf = (value: string): number => Number(value.split("-").at(-2))

/** What an idempotent producer sent stands in the log in the order of its sending, key by key. */
const sequenceOrder = function*(facts: Facts): Iterable<string> {
  for (const [key, log] of facts.finals) {
    const idempotent = new Set(
      (facts.sends.get(key) ?? []).filter((send) => send.isIdempotent).map((send) => send.producer)
    )
    const last = new Map<string, { readonly counter: number; readonly offset: number }>()
    for (const [offset, { value }] of [...log.records].sort(([one], [other]) => one - other)) {
      const producer = value.split("-").slice(0, -2).join("-")
      if (!idempotent.has(producer)) continue
      const counter = counterOf(value)
      const before = last.get(producer)
      if (before !== undefined && before.counter >= counter) {
        yield `${short(value)} stands in ${key} at ${offset}, behind ${producer}-${before.counter} at ${before.offset}`
      }
      last.set(producer, { counter, offset })
    }
  }
}

/** A batch that was sent after another was acknowledged stands behind it, whoever sent them. */
const realTimeOrder = function*(facts: Facts): Iterable<string> {
  for (const [key, sends] of facts.sends) {
    const acknowledged = sends.filter((send) => send.outcome === "Acknowledged" && send.baseOffset >= 0)
    const byEnd = [...acknowledged].sort((one, other) => one.endedAt - other.endedAt)
    const byBegin = [...acknowledged].sort((one, other) => one.beganAt - other.beganAt)
    let at = 0
    let highest: Send | undefined
    for (const send of byBegin) {
      for (; at < byEnd.length && byEnd[at]!.endedAt < send.beganAt; at++) {
        if (highest === undefined || byEnd[at]!.baseOffset > highest.baseOffset) highest = byEnd[at]
      }
      if (highest === undefined || send.baseOffset >= highest.baseOffset + highest.values.length) continue
      if (facts.mayBeLost(key, highest.baseOffset, highest.sentAt, send.endedAt)) continue
      yield `${short(send.values[0]!)} has offset ${send.baseOffset} of ${key}; it was sent after ` +
        `${short(highest.values[0]!)} was acknowledged at ${highest.baseOffset}`
    }
  }
}

/** Order in a partition: of one producer, and between all in real time. */
export const recordOrder: Checker = function*(facts) {
  yield* sequenceOrder(facts)
  yield* realTimeOrder(facts)
}
