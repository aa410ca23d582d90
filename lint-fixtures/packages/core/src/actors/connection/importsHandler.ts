// expect: no-restricted-imports
import { noError } from "../../handlers/configs/ConfigResource.ts"
export const error = noError
