import { Effect } from "effect"
import { makeMemoryVolume, MemoryLogFiles } from "../../src/seams/MemoryLogFiles.ts"
import { logStoreContract } from "./logStoreContract.ts"

logStoreContract("MemoryLogFiles", Effect.sync(() => MemoryLogFiles.layer(makeMemoryVolume())))
