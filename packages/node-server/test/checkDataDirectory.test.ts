import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"
import { checkDataDirectory } from "../src/checkDataDirectory.ts"

// Without links, as what is asked for is compared with what the message names; other users must be able to look at it.
const root = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-directory-")))
Fs.chmodSync(root, 0o755)
afterAll(() => Fs.rmSync(root, { recursive: true, force: true }))

const make = (name: string, mode = 0o755): string => {
  const path = Path.join(root, name)
  Fs.mkdirSync(path)
  Fs.chmodSync(path, mode)
  return path
}

const source = pathToFileURL(Path.join(import.meta.dirname, "..", "src", "checkDataDirectory.ts")).href

/** The error of a user without rights of its own: root may write anywhere. */
const asAnybody = (directory: string): string => {
  const code = `const { Effect } = await import("effect"); const { checkDataDirectory } = await import("${source}");
    console.log(await Effect.runPromise(Effect.match(checkDataDirectory(${JSON.stringify(directory)}),
      { onFailure: ({ reason, message }) => reason + " " + message, onSuccess: () => "fine" })))`
  const isRoot = process.getuid?.() === 0
  const { stderr, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    cwd: import.meta.dirname,
    ...(isRoot ? { uid: 65534, gid: 65534 } : {})
  })
  return stdout.trim() || stderr
}

const check = (directory: string) => Effect.runSync(Effect.result(checkDataDirectory(directory)))

describe("checkDataDirectory", { timeout: 60_000 }, () => {
  it("takes what is missing, empty or holds Kafka data", () => {
    const empty = make("empty")
    const data = make("data")
    Fs.writeFileSync(Path.join(data, "meta.properties"), "")
    for (const path of [empty, data, Path.join(root, "not", "there")]) {
      assert.isTrue(Result.isSuccess(check(path)), path)
    }
  })

  it("names the setting, the path and what is in the way", () => {
    const file = Path.join(root, "file")
    Fs.writeFileSync(file, "")
    const foreign = make("foreign")
    Fs.writeFileSync(Path.join(foreign, "letter.txt"), "")
    const circle = Path.join(root, "circle")
    Fs.symlinkSync(circle, circle)
    const messages = [file, foreign, circle].map((path) => {
      const result = check(path)
      assert(Result.isFailure(result))
      return result.failure.message
    })
    assert.match(messages[0]!, new RegExp(`^log\\.dirs: ${file} is not a directory; choose another`))
    assert.match(messages[1]!, /it holds letter\.txt but no meta\.properties; choose another directory/)
    assert.match(messages[2]!, /circle cannot be read: its symbolic links go round in a circle/)
  })

  it("says before anything is written that the user may not write there", () => {
    const locked = make("locked", 0o555)
    const hidden = make("hidden", 0o700)
    const half = make("half", 0o777)
    Fs.writeFileSync(Path.join(half, ".lock"), "", { mode: 0o400 })
    Fs.chownSync(Path.join(half, ".lock"), process.getuid!(), process.getgid!())
    const none = "has no permission; choose another directory or mend this one"
    assert.match(asAnybody(locked), new RegExp(`^NotWritable log.dirs: ${locked} cannot be written: user \\d+ ${none}`))
    assert.match(asAnybody(Path.join(locked, "below")), /^NotWritable log\.dirs: .*below cannot be made: user/)
    if (process.getuid!() !== 0) return
    assert.match(asAnybody(hidden), /^Unreadable log\.dirs: .*hidden cannot be read: user 65534 has no permission/)
    assert.match(asAnybody(half), /^NotWritable log\.dirs: .*\.lock cannot be written/)
  })
})
