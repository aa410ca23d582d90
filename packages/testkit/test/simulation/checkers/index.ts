import type { History } from "../History.ts"
import { acknowledgedKept } from "./acknowledgedKept.ts"
import { committedOffsets } from "./committedOffsets.ts"
import { type Checker, Facts, type Violation } from "./Facts.ts"
import { highWatermark } from "./highWatermark.ts"
import { noDuplicates } from "./noDuplicates.ts"
import { offsetsGapless } from "./offsetsGapless.ts"
import { recordOrder } from "./recordOrder.ts"
import { sameBytes } from "./sameBytes.ts"
import { singleOwner } from "./singleOwner.ts"
import { topicsAsAcknowledged } from "./topicsAsAcknowledged.ts"

/** Answers that no client may get. */
const noSurprises: Checker = ({ history }) => history.surprises

const checkers: Readonly<Record<string, Checker>> = {
  noSurprises,
  acknowledgedKept,
  noDuplicates,
  recordOrder,
  offsetsGapless,
  sameBytes,
  highWatermark,
  committedOffsets,
  singleOwner,
  topicsAsAcknowledged
}

/** Violations of one checker that are kept: the first says what is wrong, the others are mostly the same. */
const VIOLATIONS_OF_CHECKER_MAX = 5

/** What all checkers say of a run. */
export const checkHistory = (history: History): ReadonlyArray<Violation> => {
  const facts = new Facts(history)
  const violations: Array<Violation> = []
  for (const [checker, check] of Object.entries(checkers)) {
    let count = 0
    for (const message of check(facts)) {
      if (count++ === VIOLATIONS_OF_CHECKER_MAX) break
      violations.push({ checker, message })
    }
  }
  return violations
}
