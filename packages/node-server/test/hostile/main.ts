/**
 * Attacks a broker while a well-behaved client asks it for Metadata: `pnpm hostile --seed S [--short] [--only TEXT]`. Prints
 * what the client waited for, with and without each attack, and the broker's peak memory. Ends with exit code 1 when an attack
 * made the client wait longer, or the broker larger, than it may be. Linux only, as it asks the kernel for the peak.
 */
import { parseArgs } from "node:util"
import { attacks } from "./attacks.ts"
import { hostile } from "./hostile.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    "extra-ms": { type: "string", default: "100" }
  }
})

/** Milliseconds by which an attack may lengthen the greatest wait. */
const extraMsMax = Number(values["extra-ms"])
const peakMiBMax = 400
const seed = Number(values.seed)

const chosen = attacks.filter(({ kind, name }) => `${kind} ${name}`.includes(values.only))
let failed = 0
console.log("greatest wait   without   extra   peak      attack")
await hostile({
  seed,
  quietMs: values.short ? 1000 : 2000,
  attackMs: values.short ? 3000 : 8000,
  attacks: values.short && values.only === "" ? chosen.filter((_, index) => index % 3 === 0) : chosen,
  onReport: ({ attack, peakMiB, quietMs, waitMs }) => {
    const extraMs = waitMs - quietMs
    const isFine = extraMs <= extraMsMax && peakMiB <= peakMiBMax
    if (!isFine) failed++
    const ms = (number: number) => `${number.toFixed(1)} ms`
    console.log(
      `${ms(waitMs).padStart(13)} ${ms(quietMs).padStart(9)} ${ms(Math.max(0, extraMs)).padStart(9)} ` +
        `${`${peakMiB} MiB`.padStart(8)}  ${attack.kind} ${attack.name}${isFine ? "" : "  FAILED"}`
    )
  }
})
if (failed > 0) {
  console.error(
    `${failed} FAILED: the wait may grow by ${extraMsMax} ms, the broker to ${peakMiBMax} MiB. Repeat: --seed ${seed}`
  )
  process.exit(1)
}
console.log(`seed ${seed}: no peer stopped the others`)
