import { build } from "rolldown"
import { optionalPackages } from "../../../scripts/bundle.ts"
import { paths } from "../Paths.ts"

/** Bundles a program and all it imports into one file and returns its path. */
export const bundle = async (entry: string, name: string): Promise<string> => {
  const file = `${paths.bundles}/${name}.mjs`
  await build({
    input: entry,
    platform: "node",
    external: optionalPackages,
    logLevel: "silent",
    output: { file, format: "esm", codeSplitting: false, sourcemap: true }
  })
  return file
}
