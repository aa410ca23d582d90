import { LogDirectory } from "@kafka-broker/core/tools"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { checkDataDirectory } from "../checkDataDirectory.ts"
import { NodeLogFiles } from "../NodeLogFiles.ts"
import { UsageError } from "./UsageError.ts"

const uuid = /^[A-Za-z0-9_-]{22}$/

/** Makes a directory a data directory of one node of one cluster. */
export const formatCommand = Command.make(
  "format",
  {
    dataDir: Flag.String("data-dir").pipe(
      Flag.withDescription("Directory to format (default ./data)"),
      Flag.withDefault("data")
    ),
    clusterId: Flag.String("cluster-id").pipe(
      Flag.withDescription("Cluster id, 22 characters of base64url (default: a random one)"),
      Flag.optional
    ),
    nodeId: Flag.Int("node-id").pipe(Flag.withDescription("Id of this node (default 1)"), Flag.withDefault(1)),
    ignoreFormatted: Flag.Boolean("ignore-formatted").pipe(
      Flag.withDescription("Succeed when the directory is formatted already"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ clusterId, dataDir, ignoreFormatted, nodeId }) {
    const directory = Path.resolve(dataDir)
    const given = Option.getOrUndefined(clusterId)
    if (given !== undefined && !uuid.test(given)) {
      return yield* Effect.fail(new UsageError(`Cluster ID string ${given} does not appear to be a valid UUID`))
    }
    if (Fs.existsSync(Path.join(directory, "meta.properties"))) {
      if (ignoreFormatted) return yield* Console.log(`${directory} is already formatted`)
      return yield* Effect.fail(
        new UsageError(`Log directory ${directory} is already formatted. Use --ignore-formatted to leave it as it is.`)
      )
    }
    yield* checkDataDirectory(directory)
    const formatted = LogDirectory.layer(given === undefined ? { nodeId } : { nodeId, clusterId: given })
    const { clusterId: id } = yield* Effect.scoped(
      Effect.flatMap(
        Layer.build(Layer.provide(formatted, NodeLogFiles.layer(directory))),
        (context) =>
          Effect.provideContext(
            Effect.gen(function*() {
              return yield* LogDirectory
            }),
            context
          )
      )
    )
    yield* Console.log(`Formatted ${directory} for node ${nodeId} of cluster ${id}`)
  })
).pipe(Command.withDescription("Write the meta.properties of a data directory"))
