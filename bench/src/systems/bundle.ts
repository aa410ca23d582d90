import { bundleProgram } from "../../../scripts/bundle.ts"
import { paths } from "../Paths.ts"

/** Bundles a program as the binary is bundled and returns its path. */
export const bundle = (entry: string, name: string): Promise<string> => bundleProgram(entry, paths.bundles, name)
