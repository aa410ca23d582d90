import type { Case } from "../Case.ts"
import { fetchCases } from "./fetch.ts"
import { idempotenceCases } from "./idempotence.ts"
import { produceCases } from "./produce.ts"

/** Every case, in the order in which they run. */
export const allCases: ReadonlyArray<Case> = [...produceCases, ...idempotenceCases, ...fetchCases]
