/** Makes the bundle of the binary: `node scripts/bundle.ts`. */
import { readdirSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
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

/**
 * Bundles a program with all it imports, nothing to install beside Node: `NAME.mjs` in the folder, and beside it what
 * the program loads later. Names stay as they are, for stack traces and profiles.
 */
export const bundleProgram = async (entry: string, directory: string, name: string): Promise<string> => {
  const { build } = await import("rolldown")
  await build({
    input: { [name]: entry },
    platform: "node",
    external: optionalPackages,
    logLevel: "silent",
    output: {
      dir: directory,
      entryFileNames: "[name].mjs",
      chunkFileNames: `${name}-[name].mjs`,
      format: "esm",
      comments: false,
      minify: { mangle: false, compress: true, codegen: true }
    }
  })
  return join(directory, `${name}.mjs`)
}

/** Writes the bundle of the binary. */
export const buildBundle = async (): Promise<void> => {
  const entry = join(root, "packages/node-server/src/main.ts")
  await bundleProgram(entry, dirname(bundlePath), basename(bundlePath, ".mjs"))
}

if (import.meta.main) await buildBundle()
