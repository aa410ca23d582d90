import { type Verified, verifyDirectory } from "@kafka-broker/core/tools"
import type { LogFiles } from "@kafka-broker/core/seams"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Path from "node:path"
import { logBytesBelow, openForTools, progressLine, troubleOf } from "./openForTools.ts"
import { UsageError } from "./UsageError.ts"

/** Checks a directory, with progress, not faster than `bytesPerSecond`. */
export const verifyFiles = Effect.fnUntraced(function*(
  directory: string,
  files: LogFiles["Service"],
  bytesPerSecond: number | undefined
): Effect.fn.Return<Verified, UsageError> {
  const progress = progressLine("verifying", logBytesBelow(Path.resolve(directory)))
  const onBytes = (count: number) =>
    Effect.suspend(() => {
      progress.add(count)
      return bytesPerSecond === undefined ? Effect.yieldNow : Effect.sleep((count * 1000) / bytesPerSecond)
    })
  const verified = yield* Effect.mapError(
    verifyDirectory(files, { onBytes }),
    (error) => new UsageError(troubleOf(directory, error))
  )
  progress.end()
  return verified
})

/** The last line of a check. */
export const summary = ({ findings, partitions, sizeBytes }: Verified): string => {
  const damaged = findings.filter(({ isDamage }) => isDamage).length
  const checked = `${partitions} partitions, ${sizeBytes} bytes checked`
  return damaged === 0 ? `sound: ${checked}` : `not sound: ${damaged} findings; ${checked}`
}

/** Checks every batch, index, snapshot and checkpoint of a data directory; the exit code says whether it is sound. */
export const verifyCommand = Command.make(
  "verify",
  {
    directory: Argument.String("directory").pipe(
      Argument.withDescription("Data directory of a broker that is stopped")
    ),
    bytesPerSecond: Flag.Int("bytes-per-second").pipe(
      Flag.withDescription("Read no faster than this (default: as fast as the disk)"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ bytesPerSecond, directory }) {
    yield* Effect.scoped(Effect.gen(function*() {
      const files = yield* openForTools(directory)
      const verified = yield* verifyFiles(directory, files, Option.getOrUndefined(bytesPerSecond))
      for (const { isDamage, message } of verified.findings) {
        yield* Console.log(`${isDamage ? "damage" : "note"}: ${message}`)
      }
      const line = summary(verified)
      if (verified.findings.some(({ isDamage }) => isDamage)) return yield* Effect.fail(new UsageError(line))
      yield* Console.log(line)
    }))
  })
).pipe(Command.withDescription("Check the batches, indexes, offsets and snapshots of a data directory"))
