import Module from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"

/** Milliseconds after the start when what was compiled until then is stored; by then the broker serves. */
const storeAfterMs = 3_000

/** The folder of the system for caches of this user; undefined when the user has none, as in some containers. */
const userCacheDirectory = (): string | undefined => {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  if (process.platform === "win32") return LOCALAPPDATA
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME
  try {
    const home = Os.homedir()
    return process.platform === "darwin" ? Path.join(home, "Library", "Caches") : Path.join(home, ".cache")
  } catch {
    return undefined
  }
}

/**
 * Keeps compiled code between starts, which spares a fifth of their time. It lies in a folder of this user and nobody
 * else's: whoever can write there decides what runs. `NODE_COMPILE_CACHE` names another folder, and
 * `NODE_DISABLE_COMPILE_CACHE=1` turns it off. Where it cannot be written, nothing is kept.
 */
export const useCompileCache = (): void => {
  const directory = userCacheDirectory()
  if (directory === undefined || !Path.isAbsolute(directory)) return
  Module.enableCompileCache(process.env["NODE_COMPILE_CACHE"] ?? Path.join(directory, "kafka-broker"))
  // Node stores it when the process ends by itself, not when it is killed.
  setTimeout(() => Module.flushCompileCache(), storeAfterMs).unref()
}
