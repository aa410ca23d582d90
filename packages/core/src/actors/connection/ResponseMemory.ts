import { Context } from "effect"
import { ConnectionLimits } from "./ConnectionLimits.ts"

/**
 * The bytes of answers that are read and not yet taken by their peers, over all connections. Kafka lets the kernel send
 * from the file, so that a peer that does not read costs it nothing; here the records lie in memory until then. Above the
 * bound, answers become small instead of waiting: who does not read must not keep others from being answered.
 */
export class ResponseMemory {
  private heldBytes = 0

  get usedBytes(): number {
    return this.heldBytes
  }

  /** Bytes by which an answer that has `answerBytes` may grow. */
  roomFor(answerBytes: number): number {
    const { answerBytesMin, unsentBytesMax } = ConnectionLimits
    return Math.max(0, unsentBytesMax - this.heldBytes, answerBytesMin - answerBytes)
  }

  add(bytes: number): void {
    this.heldBytes += bytes
  }

  remove(bytes: number): void {
    this.heldBytes -= bytes
  }
}

/** One for all brokers of a process, whose memory it is, unless another is given. */
export const SharedResponseMemory = Context.Reference<ResponseMemory>(
  "@kafka-broker/core/actors/connection/SharedResponseMemory",
  { defaultValue: () => new ResponseMemory() }
)
