import { Effect } from "effect"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { logLossContract } from "./logLossContract.ts"
import { logRecoveryContract } from "./logRecoveryContract.ts"
import { logStoreContract } from "./logStoreContract.ts"

for (const contract of [logStoreContract, logRecoveryContract, logLossContract]) {
  contract("MemoryLogFiles", Effect.sync(() => MemoryLogFiles.layer(makeMemoryVolume())))
}
