import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as CliConfig from "effect/cli/CliConfig"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Terminal from "effect/Terminal"

const unused = (what: string): Effect.Effect<never> => Effect.die(new Error(`no command uses ${what}`))

/**
 * What the command line may ask for. These commands take no files as values, prompt for nothing and run no programs, so
 * none of that is loaded: it would be a fifth of the time in which the broker starts.
 */
export const commandServices = Layer.mergeAll(
  CliConfig.layer({ builtIns: GlobalFlag.BuiltIns.filter((flag) => flag !== GlobalFlag.Wizard) }),
  NodeStdio.layer,
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.sync(() => process.stdout.columns ?? 80),
      rows: Effect.sync(() => process.stdout.rows ?? 24),
      size: unused("the terminal's size"),
      readInput: unused("keys"),
      readLine: unused("typed lines"),
      display: () => unused("prompts")
    })
  ),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => unused("other programs"))
  )
)
