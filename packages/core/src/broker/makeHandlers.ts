import { Effect } from "effect"
import { makeAlterConfigs } from "../handlers/AlterConfigs.ts"
import { makeApiVersions } from "../handlers/ApiVersions.ts"
import { makeCreateTopics } from "../handlers/CreateTopics.ts"
import { makeDescribeConfigs } from "../handlers/DescribeConfigs.ts"
import { makeFetch } from "../handlers/Fetch.ts"
import type { Handler } from "../handlers/Handler.ts"
import { HandlerRegistry } from "../handlers/HandlerRegistry.ts"
import { makeIncrementalAlterConfigs } from "../handlers/IncrementalAlterConfigs.ts"
import { makeMetadata } from "../handlers/Metadata.ts"
import { makeProduce } from "../handlers/Produce.ts"
import type { ApiName, apis } from "../protocol/apis/index.ts"

/** Declared in the protocol and not served: their issues are still to come. ApiVersions does not name them. */
type DeclaredForLater =
  | "AddOffsetsToTxn"
  | "AddPartitionsToTxn"
  | "CreateAcls"
  | "DeleteAcls"
  | "DescribeAcls"
  | "DescribeProducers"
  | "DescribeTransactions"
  | "EndTxn"
  | "ListTransactions"
  | "SaslAuthenticate"
  | "SaslHandshake"
  | "TxnOffsetCommit"
  | "WriteTxnMarkers"

/** A handler for every declared API that is not put off: a missing one does not compile. */
type Handlers = { readonly [Name in Exclude<ApiName, DeclaredForLater>]: Handler<(typeof apis)[Name]> }

/** Builds every handler from the broker's services. */
export const makeHandlers = Effect.gen(function*() {
  const handlers = {
    AlterConfigs: yield* makeAlterConfigs,
    ApiVersions: yield* makeApiVersions((): HandlerRegistry["apis"] => registry.apis),
    CreateTopics: yield* makeCreateTopics,
    DescribeConfigs: yield* makeDescribeConfigs,
    Fetch: yield* makeFetch,
    IncrementalAlterConfigs: yield* makeIncrementalAlterConfigs,
    Metadata: yield* makeMetadata,
    Produce: yield* makeProduce
  } satisfies Partial<Handlers>
  const registry = new HandlerRegistry(Object.values(handlers))
  return registry
})
