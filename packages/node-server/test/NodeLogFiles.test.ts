import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { logFilesContract } from "../../core/test/log/logFilesContract.ts"
import { reasonOf } from "../src/NodeLogFile.ts"
import { makeNodeLogFiles, NodeLogFiles } from "../src/NodeLogFiles.ts"

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "log-files-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

logFilesContract("NodeLogFiles", Effect.map(temporaryDirectory, NodeLogFiles.layer))

describe("NodeLogFiles", () => {
  it.effect.skipIf(!Fs.existsSync("/dev/full"))(
    "a full disk refuses small and large appends with NoSpace",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        Fs.symlinkSync("/dev/full", Path.join(directory, "full"))
        const file = yield* makeNodeLogFiles(directory).open("full", { create: false })
        for (const size of [10, 100_000]) {
          assert.strictEqual((yield* Effect.flip(file.append([new Uint8Array(size)]))).reason, "NoSpace")
        }
        assert.strictEqual(file.sizeBytes, 0)
        yield* file.close
      }))
  )

  it.effect("a link to a directory is one, wherever it leads, and a broken link is none", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const elsewhere = yield* temporaryDirectory
      Fs.writeFileSync(Path.join(elsewhere, "file"), "x")
      const links = { "b-0": elsewhere, "b-1": Path.join(elsewhere, "none"), "b-2": Path.join(elsewhere, "file") }
      for (const [name, target] of Object.entries(links)) Fs.symlinkSync(target, Path.join(directory, name))
      Fs.symlinkSync("b-3", Path.join(directory, "b-3"))
      const files = makeNodeLogFiles(directory)
      const kinds = (yield* files.list("")).map(({ isDirectory, name }) => [name, isDirectory] as const)
      assert.deepStrictEqual(kinds.toSorted(([a], [b]) => a < b ? -1 : 1).slice(0, 3), [
        ["b-0", true],
        ["b-1", false],
        ["b-2", false]
      ])
      assert.deepStrictEqual((yield* files.list("b-0")).map(({ name }) => name), ["file"])
    })))

  it("errors of the system have the reasons callers act on", () => {
    assert.deepStrictEqual(
      ["ENOENT", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", undefined].map(reasonOf),
      ["NotFound", "NoSpace", "NoSpace", "ReadOnly", "Denied", "Denied", "Io", "Io"]
    )
  })
})
