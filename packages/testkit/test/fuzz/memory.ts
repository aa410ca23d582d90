import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const mebi = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10

/** Memory in use after everything unreachable was dropped: heap and buffers together, and resident, in MiB. */
export const memoryMiB = (): { readonly heapMiB: number; readonly rssMiB: number } => {
  collectGarbage()
  collectGarbage()
  const { external, heapUsed, rss } = process.memoryUsage()
  return { heapMiB: mebi(heapUsed + external), rssMiB: mebi(rss) }
}
