import {
  AclAuthorizer,
  Authorizer,
  BrokerConfig,
  BrokerConfigError,
  type BrokerStartError,
  KafkaBroker,
  type Principal,
  RequestObserver
} from "@kafka-broker/core"
import { ClientPrincipal, type LogFiles, MemoryLogFiles } from "@kafka-broker/core/seams"
import { Effect, Layer } from "effect"
import * as Path from "node:path"
import { type BrokerOptions, propertiesOfOptions } from "./BrokerOptions.ts"
import { checkDataDirectory, type DataDirectoryError } from "./checkDataDirectory.ts"
import { NodeCrc32c } from "./NodeCrc32c.ts"
import * as NodeCompression from "./NodeCompression.ts"
import { NodeListener } from "./NodeListener.ts"
import { NodeLogFiles } from "./NodeLogFiles.ts"
import { NodeTick } from "./NodeTick.ts"
import { readAclFile } from "./readAclFile.ts"

/** How a broker is run inside a Node process. */
export interface NodeKafkaBrokerOptions<E = never> extends BrokerOptions {
  /** Where logs are kept, in the place of files of this machine and of `memory`. */
  readonly files?: Layer.Layer<LogFiles, E>
  /** Who may do what, in the place of what the settings say (`authorizer.class.name`, `kafka.broker.acl.file`). */
  readonly authorizer?: Layer.Layer<Authorizer, E>
  /** Sees every request before its handler does. */
  readonly observer?: RequestObserver
  /** As whom the broker's own client acts under the authorizer. Default: `User:ANONYMOUS`. */
  readonly clientPrincipal?: Principal
}

/** Why a broker does not start; the message of each is one line for its user. */
export type NodeKafkaBrokerError = BrokerStartError | BrokerConfigError | DataDirectoryError

/** The settings that the options make; fails with one line for an option that does not exist or has a wrong type. */
const brokerConfig = (options: BrokerOptions) =>
  Layer.unwrap(Effect.map(
    Effect.mapError(
      Effect.fromResult(propertiesOfOptions(options)),
      (message) => new BrokerConfigError({ reason: "Invalid", message })
    ),
    (settings) => BrokerConfig.layer(settings)
  ))

const storage = (memory: boolean) =>
  memory ? MemoryLogFiles.layer() : Layer.unwrap(Effect.gen(function*() {
    const { logDir } = yield* BrokerConfig
    const directory = Path.resolve(logDir)
    yield* checkDataDirectory(directory)
    return NodeLogFiles.layer(directory)
  }))

const authorizer = Layer.unwrap(Effect.gen(function*() {
  const { authorizer: { aclFile, allowEveryoneIfNoAclFound, enabled, superUsers } } = yield* BrokerConfig
  if (!enabled) return Authorizer.allowAll
  const bindings = aclFile === null ? [] : yield* readAclFile(aclFile)
  return AclAuthorizer.layer({ bindings, superUsers, allowEveryoneIfNoAclFound })
}))

/** The broker on Node: files, sockets and codecs of this machine. */
export const NodeKafkaBroker = {
  /**
   * The broker and its settings. What is not given has Kafka's default, except that the broker listens on
   * `127.0.0.1:9092` and keeps its data in `./data`. An empty or missing data directory is formatted. Closing the
   * scope stops it cleanly.
   */
  layer: <E = never>(
    options: NodeKafkaBrokerOptions<E> = {}
  ): Layer.Layer<KafkaBroker | BrokerConfig, NodeKafkaBrokerError | E> => {
    const references = Layer.mergeAll(
      options.observer === undefined ? Layer.empty : Layer.succeed(RequestObserver, options.observer),
      options.clientPrincipal === undefined ? Layer.empty : Layer.succeed(ClientPrincipal, options.clientPrincipal)
    )
    const files: Layer.Layer<LogFiles, DataDirectoryError | E, BrokerConfig> = options.files ??
      storage(options.memory ?? false)
    return Layer.merge(KafkaBroker.layer, NodeCrc32c.layer).pipe(
      Layer.provide(files),
      Layer.provide(
        Layer.mergeAll(options.authorizer ?? authorizer, NodeTick.layer, NodeCompression.layer, references)
      ),
      Layer.provide(NodeListener.layer),
      Layer.provideMerge(brokerConfig(options))
    )
  }
}
