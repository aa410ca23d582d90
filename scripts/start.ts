/**
 * Runs the broker from a checkout: `pnpm start [flags]`. The bundle is made when it is missing or older than the
 * sources, because it starts several times faster; where it cannot be made, the sources run as they are.
 */
import { fileURLToPath, pathToFileURL } from "node:url"
import { buildBundle, bundlePath, isBundleStale } from "./bundle.ts"

const entry = async (): Promise<string> => {
  try {
    if (isBundleStale()) await buildBundle()
    return bundlePath
  } catch {
    return fileURLToPath(new URL("../packages/node-server/src/main.ts", import.meta.url))
  }
}

await import(pathToFileURL(await entry()).href)
