// expect: no-restricted-imports
import { LogDirectory } from "../log/LogDirectory.ts"
export const directory = LogDirectory
