/** A service with a bug: it adds up payments, and what it does again after a lost connection it counts twice. */
import { KafkaBroker } from "@kafka-broker/core"
import { Effect } from "effect"

/** Where a total is kept: it survives what fails around it. */
export interface Ledger {
  total: number
  /** Offset of the next payment to add. */
  next: number
}

const amountOf = (value: Uint8Array | null): number => Number(new TextDecoder().decode(value ?? undefined))

/**
 * Adds up to `count` payments of topic `payments`, writes the new total to topic `totals` and moves on. When a write fails, the
 * whole is tried again. `isCareful` is the mended form: it adds nothing before the total is written.
 */
export const addUpPayments = (ledger: Ledger, count: number, isCareful: boolean) =>
  Effect.gen(function*() {
    const { client: broker } = yield* KafkaBroker
    const addOne = Effect.gen(function*() {
      const payments = yield* broker.records("payments")
      const payment = payments.find(({ offset }) => offset === ledger.next)
      if (payment === undefined) return yield* Effect.sleep("20 millis")
      const total = ledger.total + amountOf(payment.value)
      if (!isCareful) ledger.total = total
      yield* broker.produce("totals", [{ key: "total", value: String(total) }])
      ledger.total = total
      ledger.next++
    })
    while (ledger.next < count) {
      yield* addOne.pipe(
        Effect.timeout("5 seconds"),
        Effect.catch(() => Effect.sleep("100 millis"))
      )
    }
    return ledger.total
  })
