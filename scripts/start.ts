/**
 * Runs the broker from a checkout: `pnpm start [flags]`. The bundle is made when it is missing or older than the
 * sources, because it starts several times faster; where it cannot be made, the sources run as they are. A signal that
 * ends npx or pnpm stops the broker too.
 */
import { fileURLToPath, pathToFileURL } from "node:url"
import { holdStopSignals } from "../packages/node-server/src/stopSignals.ts"
import { buildBundle, bundlePath, isBundleStale } from "./bundle.ts"
import { watchLaunchers } from "./launchers.ts"

const entry = async (): Promise<string> => {
  try {
    if (isBundleStale()) await buildBundle()
    return bundlePath
  } catch {
    return fileURLToPath(new URL("../packages/node-server/src/main.ts", import.meta.url))
  }
}

const release = holdStopSignals()
watchLaunchers(() => process.kill(process.pid, "SIGTERM"))
await import(pathToFileURL(await entry()).href)
release()
