/** How many connections a broker takes, over all its listeners. */
export interface ConnectionLimitsInForce {
  readonly max: number
  readonly maxPerAddress: number
  /** Addresses that have a limit of their own. */
  readonly overrides: ReadonlyMap<string, number>
}

/**
 * Counts the connections from outside this process. Where Kafka stops accepting at `max` until one closes, a connection
 * above it is closed here, as Kafka does above the limit of an address. Source: ConnectionQuotas.
 */
export class ConnectionQuota {
  /** Asked for every connection: the limits may change while the broker runs. */
  private readonly limits: () => ConnectionLimitsInForce
  /** No entry for an address without connections, so that it holds no more entries than there are connections. */
  private readonly counts = new Map<string, number>()
  private total = 0

  constructor(limits: () => ConnectionLimitsInForce) {
    this.limits = limits
  }

  /** Counts a connection from the address, or is false when it is one too many. */
  admit(address: string): boolean {
    const count = this.counts.get(address) ?? 0
    const { max, maxPerAddress, overrides } = this.limits()
    if (this.total >= max || count >= (overrides.get(address) ?? maxPerAddress)) return false
    this.counts.set(address, count + 1)
    this.total++
    return true
  }

  /** Forgets a connection that was admitted. */
  release(address: string): void {
    const count = this.counts.get(address) ?? 0
    this.total--
    if (count > 1) this.counts.set(address, count - 1)
    else this.counts.delete(address)
  }
}
