import { it } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer, Scope } from "effect"
import type { LogDirectory } from "../../src/log/LogDirectory.ts"
import type { LogStore } from "../../src/log/LogStore.ts"
import type { LogFiles } from "../../src/seams/LogFiles.ts"
import { withStore } from "./logTestKit.ts"

/** Makes a test of a promise that a store keeps over the files of `make`; each gets files of its own. */
export const checkStore = (make: Effect.Effect<Layer.Layer<LogFiles>, never, Scope.Scope>) =>
<E>(
  promise: string,
  body: (
    /** Starts the store, uses it, and stops it cleanly. */
    run: <A, E2>(use: Effect.Effect<A, E2, LogStore | LogDirectory | LogFiles>) => Effect.Effect<A, unknown>,
    files: Layer.Layer<LogFiles>
  ) => Effect.Effect<void, E>
) =>
  it.effect(promise, () =>
    Effect.scoped(Effect.gen(function*() {
      const layer = yield* make
      yield* body((use) => withStore(layer, use), layer)
    })))
