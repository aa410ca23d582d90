// expect: no-restricted-imports
import { Controller } from "../actors/controller/Controller.ts"
export const actor = Controller
