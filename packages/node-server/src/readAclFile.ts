import { BrokerConfigError } from "@kafka-broker/core"
import { AclFile } from "@kafka-broker/core/tools"
import { Effect, Schema } from "effect"
import * as Fs from "node:fs"

const invalid = (path: string, message: string) =>
  new BrokerConfigError({
    reason: "Invalid",
    message: `kafka.broker.acl.file ${path}: ${message.replace(/\s*\n\s*/g, " ")}`
  })

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(AclFile))

/** The ACL bindings of a JSON file; fails with one line that names the file and the place. */
export const readAclFile = Effect.fnUntraced(function*(path: string) {
  const text = yield* Effect.try({
    try: () => Fs.readFileSync(path, "utf8"),
    catch: (cause) => invalid(path, cause instanceof Error ? cause.message : String(cause))
  })
  return yield* Effect.mapError(decode(text), (error) => invalid(path, error.message))
})
