import { assert, describe, it } from "@effect/vitest"
import { crc32cImplementation, useCrc32c } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import { loadNativeCrc32c } from "../src/loadNativeCrc32c.ts"
import { NodeCrc32c } from "../src/NodeCrc32c.ts"

describe("NodeCrc32c", () => {
  it.effect("installs the native implementation where there is one, and says so", () =>
    Effect.gen(function*() {
      const native = yield* Effect.promise(loadNativeCrc32c)
      useCrc32c(undefined)
      assert.strictEqual(crc32cImplementation(), "portable")
      yield* NodeCrc32c.install
      assert.strictEqual(crc32cImplementation(), native === undefined ? "portable" : "native")
    }).pipe(Effect.ensuring(Effect.sync(() => useCrc32c(undefined)))))

  it.effect("respects the bounds it is given", () =>
    Effect.gen(function*() {
      const native = yield* Effect.promise(loadNativeCrc32c)
      if (native === undefined) return
      const bytes = new TextEncoder().encode("xx123456789yy")
      assert.strictEqual(native(bytes, 2, 11), 0xe3069283)
    }))
})
