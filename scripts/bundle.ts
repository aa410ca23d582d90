/** Makes the single-file bundle of the binary: `node scripts/bundle.ts`. */
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Optional packages: not in the bundle, found at run time where they are installed. */
export const optionalPackages = ["@node-rs/crc32"]

/** Where the bundle lies. */
export const bundlePath = join(root, "packages/node-server/dist/kafka-broker.mjs")

const sources = ["packages/core/src", "packages/node-server/src"]

/** Whether the bundle is missing, or older than a source or the lock file. */
export const isBundleStale = (): boolean => {
  const bundle = statSync(bundlePath, { throwIfNoEntry: false })
  if (bundle === undefined) return true
  const isNewer = (path: string): boolean => statSync(join(root, path)).mtimeMs > bundle.mtimeMs
  return isNewer("pnpm-lock.yaml") ||
    sources.some((directory) =>
      readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
        .some((name) => isNewer(join(directory, name)))
    )
}

/** Writes the bundle: all code in one file, nothing to install beside Node. */
export const buildBundle = async (): Promise<void> => {
  const { build } = await import("rolldown")
  await build({
    input: join(root, "packages/node-server/src/main.ts"),
    platform: "node",
    external: optionalPackages,
    logLevel: "silent",
    output: { file: bundlePath, format: "esm", minify: false, codeSplitting: false }
  })
}

if (import.meta.main) await buildBundle()
