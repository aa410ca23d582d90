import { Context } from "effect"
import type { Effect } from "effect"
import type { MetadataLogError } from "../../metadata/MetadataLog.ts"
import type { MetadataRecord } from "../../metadata/MetadataRecord.ts"
import type { OperationError } from "../../model/OperationError.ts"
import type { ControllerCommandOf, ControllerCommandTag, ControllerReplyOf } from "./ControllerCommand.ts"

/** What a controller command decides: records to append and the answer once they are applied. */
export interface ControllerDecision<Reply> {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly reply: Reply
}

/** The controller actor: decides metadata records, appends them, replays them, starts leaders, then answers. */
export class Controller extends Context.Service<Controller, {
  /**
   * Decides one command in order with all others. Completes after its records are durable, the new image is current and
   * the leaders it needs are running. Fails when the metadata log did not take the records, or (REQUEST_TIMED_OUT) did not
   * say so, and for good once it is broken.
   */
  readonly run: <Tag extends ControllerCommandTag>(
    command: ControllerCommandOf<Tag>
  ) => Effect.Effect<ControllerReplyOf<Tag>, OperationError>
  /** Fails once the metadata log is broken: nothing can be changed any more before the broker is started again. */
  readonly failed: Effect.Effect<never, MetadataLogError>
  /** The answer to every command from then on. */
  readonly refusal: () => OperationError | undefined
}>()("@kafka-broker/core/actors/controller/Controller") {}
