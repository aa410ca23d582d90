import { Context, Layer } from "effect"

/** A write of a transaction whose partition is being verified. */
export interface VerificationGuard {
  readonly key: string
  /** False once a marker of the producer was queued for the partition: the transaction that was verified is over. */
  isValid: boolean
}

/**
 * Keeps a write from landing in its partition after the end of the transaction it was verified for: the coordinator's
 * answer and the marker may cross. A partition queues appends in order, so it is enough that a marker makes the guards
 * of its producer invalid before it is queued. Entries live as long as a write waits for its verification. Source:
 * VerificationStateEntry, UnifiedLog.maybeStartTransactionVerification.
 */
class TransactionGuards {
  private readonly guards = new Map<string, Set<VerificationGuard>>()

  private static keyOf(topic: string, partition: number, producerId: number): string {
    return `${topic}\u0000${partition}\u0000${producerId}`
  }

  /** Before the coordinator is asked. */
  begin(topic: string, partition: number, producerId: number): VerificationGuard {
    const guard: VerificationGuard = { key: TransactionGuards.keyOf(topic, partition, producerId), isValid: true }
    const others = this.guards.get(guard.key)
    if (others === undefined) this.guards.set(guard.key, new Set([guard]))
    else others.add(guard)
    return guard
  }

  /** After the coordinator answered, right before the append: whether the write may be appended. */
  end(guard: VerificationGuard): boolean {
    const others = this.guards.get(guard.key)
    others?.delete(guard)
    if (others?.size === 0) this.guards.delete(guard.key)
    return guard.isValid
  }

  /** Right before a marker of the producer is queued for the partition. */
  markerQueued(topic: string, partition: number, producerId: number): void {
    for (const guard of this.guards.get(TransactionGuards.keyOf(topic, partition, producerId)) ?? []) {
      guard.isValid = false
    }
  }
}

/** The guards of all partitions led here. */
export class VerificationGuards extends Context.Service<VerificationGuards, TransactionGuards>()(
  "@kafka-broker/core/actors/transaction-coordinator/VerificationGuards"
) {
  static readonly layer: Layer.Layer<VerificationGuards> = Layer.sync(VerificationGuards, () => new TransactionGuards())
}
