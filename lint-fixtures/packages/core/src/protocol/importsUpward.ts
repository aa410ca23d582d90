// expect: no-restricted-imports
import { makeProduce } from "../handlers/Produce.ts"
export const upward = makeProduce
