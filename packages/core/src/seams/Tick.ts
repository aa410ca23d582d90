import { Context } from "effect"

/**
 * The boundary at which work is flushed in batches: the end of the current burst of input (one poll phase of an event
 * loop). Appends gathered from all connections become one write per partition, responses one write per connection.
 */
export class Tick extends Context.Service<Tick, {
  /** Runs `task` once when the current burst of input is over. Tasks run in the order given and must not throw; others run after one that does. */
  readonly atEnd: (task: () => void) => void
}>()("@kafka-broker/core/seams/Tick") {}
