import { Context } from "effect"
import { BufferPool, SharedBufferPool } from "../actors/connection/BufferPool.ts"
import { ResponseMemory, SharedResponseMemory } from "../actors/connection/ResponseMemory.ts"

/** The memory that all brokers of a process share, as one of its own for a broker that must not meet others. */
export interface ProcessMemory {
  /** Given to the broker's fiber. */
  readonly context: Context.Context<never>
  /** Bytes of answers that are read and not taken by their peers; 0 once nothing is under way. */
  readonly unsentBytes: () => number
}

/** New memory, for a simulation or a test that looks at it: what others in the process do does not show in it. */
export const makeProcessMemory = (): ProcessMemory => {
  const responses = new ResponseMemory()
  const context = Context.make(SharedBufferPool, new BufferPool()).pipe(Context.add(SharedResponseMemory, responses))
  return { context: context as Context.Context<never>, unsentBytes: () => responses.usedBytes }
}
