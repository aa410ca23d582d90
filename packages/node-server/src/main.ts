#!/usr/bin/env node
import { runMain } from "./cli/runMain.ts"

runMain(process.argv.slice(2))
