/** A running broker process, whoever made it. */
export interface Broker {
  readonly name: string
  readonly host: string
  readonly port: number
  /** The folder that holds `<topic>-<partition>` and `__cluster_metadata-0`. */
  readonly dataDir: string
  /** What the process has printed so far. */
  readonly log: () => string
  /** Clean shutdown with SIGTERM. */
  readonly stop: () => Promise<void>
  /** SIGKILL: no code of the broker runs any more. */
  readonly kill: () => Promise<void>
}

/** A broker's address as clients want it. */
export const bootstrapOf = (broker: Pick<Broker, "host" | "port">): string => `${broker.host}:${broker.port}`
