#!/usr/bin/env node
import { useCompileCache } from "./compileCache.ts"

useCompileCache()
// Loaded only now, so that it comes from the cache.
const { runMain } = await import("./cli/runMain.ts")
runMain(process.argv.slice(2))
