import type { ClientLoad, Percentiles } from "../generator/Load.ts"

/** What a client says of itself at its end. */
export interface ClientFigures {
  readonly records: number
  readonly seconds: number
  /** Of producers that measure it: from the call to the acknowledgement. */
  readonly latencyMs?: Percentiles
}

/** A client that runs in a process of its own until it has sent or read all records. */
export interface Client {
  /** Builds or fetches what is needed; fails with the reason when the client cannot run here. */
  readonly prepare: () => Promise<void>
  readonly command: (load: ClientLoad, port: number, topic: string) => ReadonlyArray<string>
  /** Reads its output; undefined when the figures are not in it. */
  readonly parse: (output: string, load: ClientLoad) => ClientFigures | undefined
}
