import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { logLossContract } from "../../core/test/log/logLossContract.ts"
import { logRecoveryContract } from "../../core/test/log/logRecoveryContract.ts"
import { logStoreContract } from "../../core/test/log/logStoreContract.ts"
import { NodeLogFiles } from "../src/NodeLogFiles.ts"

/** A new temporary directory, removed at the end. */
const directoryLayer = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "log-store-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
).pipe(Effect.map(NodeLogFiles.layer))

/** Every position is tried in memory; real files cost many times as much. */
const cutStepBytes = 11

logStoreContract("NodeLogFiles", directoryLayer)
logRecoveryContract("NodeLogFiles", directoryLayer, cutStepBytes)
logLossContract("NodeLogFiles", directoryLayer)
