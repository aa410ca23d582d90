import type { CodecName } from "../../../packages/core/src/protocol/records/Compression.ts"

/** Requests are sent as fast as answers come, with a fixed number under way on each connection. */
export interface ProduceLoad {
  readonly kind: "produce"
  readonly connections: number
  readonly inFlight: number
  readonly partitions: number
  readonly recordBytes: number
  readonly recordsPerBatch: number
  readonly acks: 1 | -1
  readonly codec?: CodecName
  /** Topic configs, such as `flush.messages`. */
  readonly configs?: Readonly<Record<string, string>>
}

/** Partitions filled before are read from begin to end, again and again. */
export interface FetchLoad {
  readonly kind: "fetch"
  readonly connections: number
  readonly inFlight: number
  readonly partitions: number
  readonly bytesPerPartition: number
  readonly fetchBytes: number
  readonly recordBytes: number
  readonly recordsPerBatch: number
  /** Every partition is read once from its begin, after its pages were dropped from the page cache. */
  readonly isCold?: boolean
}

/** A fixed number of requests per second, with the time from when each was due until a consumer has it. */
export interface LatencyLoad {
  readonly kind: "latency"
  readonly ratePerSecond: number
  readonly recordBytes: number
  readonly recordsPerBatch: number
  readonly partitions: number
  readonly acks: 1 | -1
  readonly configs?: Readonly<Record<string, string>>
}

/** One producer, and consumers that all follow it; the slowest one holds the producer back. */
export interface FanOutLoad {
  readonly kind: "fanout"
  readonly consumers: number
  readonly inFlight: number
  readonly recordBytes: number
  readonly recordsPerBatch: number
}

/** Connections that have asked for ApiVersions once and then do nothing; measures memory. */
export interface IdleLoad {
  readonly kind: "idle"
  readonly connections: number
}

/** A topic whose partitions are never used; measures memory. */
export interface ColdPartitionsLoad {
  readonly kind: "coldPartitions"
  readonly partitions: number
}

/** Classic groups of one member each, on a connection of its own, that sends one Heartbeat after the other. */
export interface HeartbeatLoad {
  readonly kind: "heartbeat"
  readonly groups: number
}

/** A producer or consumer of other people, in a process of its own, that tells its rate itself. */
export interface ClientLoad {
  readonly kind: "client"
  readonly client:
    | "java-producer"
    | "java-consumer"
    | "rdkafka-producer"
    | "rdkafka-consumer"
    | "platformatic-producer"
    | "platformatic-consumer"
  /** Sent or read in one run. */
  readonly records: number
  readonly recordBytes: number
  readonly partitions: number
  /** Of producers. */
  readonly acks: 1 | -1
}

export type Load =
  | ProduceLoad
  | FetchLoad
  | LatencyLoad
  | FanOutLoad
  | IdleLoad
  | ColdPartitionsLoad
  | HeartbeatLoad
  | ClientLoad

/** One run of a load against one system. */
export interface RunOrder {
  readonly load: Load
  readonly port: number
  /** The broker's process, whose CPU time and memory are read. */
  readonly pid: number
  /** Unique among the runs against one broker. */
  readonly topic: string
  readonly warmUpMs: number
  readonly measureMs: number
  /** Where the broker keeps its files; only read to drop their pages. */
  readonly dataDir: string
}

/** Latency in milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** What one run gave. Rates are per second, over the measured time only. */
export interface RunResult {
  readonly seconds: number
  readonly requests: number
  readonly records: number
  readonly bytes: number
  readonly latencyMs?: Percentiles
  /** CPU seconds, user and system, of the broker alone. */
  readonly brokerCpuSeconds: number
  readonly generatorCpuSeconds: number
  /** At the end of the run. */
  readonly rssBytes: number
  /** Growth per connection or partition, for the loads that measure memory. */
  readonly bytesEach?: number
}

export type GeneratorReply = { readonly result: RunResult } | { readonly error: string }
