/** How often the network of a simulation does what networks do. Rates are probabilities from 0 to 1. */
export interface NetworkFaults {
  /** Longest time a chunk is under way, in milliseconds; each takes a time of its own, so connections overtake each other. */
  readonly latencyMsMax: number
  /** A connection is lost after some bytes. */
  readonly lost: number
  /** Of the lost connections: only one end hears of it, the other waits for its own timeout. */
  readonly halfOpen: number
  /** A delivery is cut in two. */
  readonly cut: number
  /** A peer does not read for a while, after a delivery. */
  readonly stalled: number
}

/** A network in which nothing goes wrong; chunks still take their time. */
export const noNetworkFaults: NetworkFaults = { latencyMsMax: 2, lost: 0, halfOpen: 0, cut: 0, stalled: 0 }
