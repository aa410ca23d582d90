import { Effect } from "effect"
import { LogFilesError } from "../seams/LogFiles.ts"
import type { LogFiles } from "../seams/LogFiles.ts"

type Files = LogFiles["Service"]

/** Reads a whole file; undefined when it does not exist. */
export const readFile = Effect.fnUntraced(function*(
  files: Files,
  path: string
): Effect.fn.Return<Uint8Array | undefined, LogFilesError> {
  const opened = yield* files.open(path, { create: false }).pipe(
    Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error))
  )
  if (opened === undefined) return undefined
  return yield* Effect.ensuring(opened.readAt(0, opened.sizeBytes), opened.close)
})

/** Appends to a file, creating it, without a sync. */
export const appendFile = Effect.fnUntraced(function*(
  files: Files,
  path: string,
  bytes: Uint8Array
): Effect.fn.Return<void, LogFilesError> {
  const file = yield* files.open(path, { create: true })
  yield* Effect.ensuring(bytes.length === 0 ? Effect.void : file.append([bytes]), file.close)
})

/** Makes `bytes` the whole content of a file in place, without a sync: for files that are rebuilt when damaged. */
export const replaceFile = Effect.fnUntraced(function*(
  files: Files,
  path: string,
  bytes: Uint8Array
): Effect.fn.Return<void, LogFilesError> {
  const file = yield* files.open(path, { create: true })
  const write = file.sizeBytes > 0 ? Effect.andThen(file.truncate(0), file.append([bytes])) : file.append([bytes])
  yield* Effect.ensuring(write, file.close)
})

/** Syncs a file by path; no error when it does not exist. */
export const syncFile = Effect.fnUntraced(function*(files: Files, path: string): Effect.fn.Return<void, LogFilesError> {
  const file = yield* files.open(path, { create: false }).pipe(
    Effect.catch((error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error))
  )
  if (file !== undefined) yield* Effect.ensuring(file.sync, file.close)
})

/** Replaces a file so that a crash leaves the old or the new content: `.tmp`, sync, rename, sync of the directory. */
export const writeFileAtomically = Effect.fnUntraced(function*(
  files: Files,
  path: string,
  bytes: Uint8Array
): Effect.fn.Return<void, LogFilesError> {
  const temporary = `${path}.tmp`
  const file = yield* files.open(temporary, { create: true })
  const write = Effect.gen(function*() {
    if (file.sizeBytes > 0) yield* file.truncate(0)
    yield* file.append([bytes])
    yield* file.sync
  })
  yield* Effect.ensuring(write, file.close)
  yield* files.rename(temporary, path)
  yield* files.syncDirectory(path.slice(0, Math.max(0, path.lastIndexOf("/"))))
})

/** The bytes of a text of ASCII characters, which is all that Kafka's state files hold. */
export const encodeAscii = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0x7f
  return bytes
}

/** The text of bytes, one character each; a foreign byte becomes a character no parser accepts. */
export const decodeAscii = (bytes: Uint8Array): string => {
  let text = ""
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}
