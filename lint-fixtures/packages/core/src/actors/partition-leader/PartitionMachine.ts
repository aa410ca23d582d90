// expect: no-restricted-imports
import { Clock } from "effect"
export const now = Clock.currentTimeMillis
