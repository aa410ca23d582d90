import type { ClientLoad, FetchLoad, Load, ProduceLoad } from "../generator/Load.ts"

const small = (connections: number, inFlight: number, partitions = 64): ProduceLoad => ({
  kind: "produce",
  connections,
  inFlight,
  partitions,
  recordBytes: 100,
  recordsPerBatch: 1,
  acks: 1
})

const batches = (recordsPerBatch: number, more: Partial<ProduceLoad> = {}): ProduceLoad => ({
  kind: "produce",
  connections: 4,
  inFlight: 5,
  partitions: 16,
  recordBytes: 1024,
  recordsPerBatch,
  acks: 1,
  ...more
})

/** Records of 1 KiB that make a batch of about this size; 1 MiB stays below Kafka's largest message. */
const recordsOf16KiB = 15
const recordsOf64KiB = 63
const recordsOf1MiB = 1014

const fetch = (fetchBytes: number, more: Partial<FetchLoad> = {}): FetchLoad => ({
  kind: "fetch",
  // Consumers have one fetch at a time under way on a connection.
  connections: 16,
  inFlight: 1,
  partitions: 8,
  bytesPerPartition: 4 * 1024 * 1024,
  fetchBytes,
  recordBytes: 1024,
  recordsPerBatch: recordsOf16KiB,
  ...more
})

const client = (name: ClientLoad["client"], records: number, recordBytes: number, acks: 1 | -1 = 1): ClientLoad => ({
  kind: "client",
  client: name,
  records,
  recordBytes,
  partitions: 8,
  acks
})

/** Kafka refuses to create more than 10,000 records of metadata at a time, of which one is the topic. */
const manyPartitions = 9_999

const synced = { acks: -1, configs: { "flush.messages": "1" } } as const

/** Every load by its name; the names are the keys of the results. */
export const loads: Readonly<Record<string, Load>> = {
  "small-1x1": small(1, 1),
  "small-1x5": small(1, 5),
  "small-8x1": small(8, 1),
  "small-8x5": small(8, 5),
  "small-64x1": small(64, 1),
  "small-64x5": small(64, 5),
  "small-64x5-acks-all": { ...small(64, 5), acks: -1 },
  "small-64x5-synced-1p": { ...small(64, 5, 1), ...synced },
  "small-64x5-synced-16p": { ...small(64, 5, 16), ...synced },
  "batch-16k": batches(recordsOf16KiB),
  "batch-64k": batches(recordsOf64KiB),
  "batch-1m": batches(recordsOf1MiB),
  "batch-16k-acks-all": batches(recordsOf16KiB, { acks: -1 }),
  "batch-64k-acks-all": batches(recordsOf64KiB, { acks: -1 }),
  "batch-1m-acks-all": batches(recordsOf1MiB, { acks: -1 }),
  "batch-64k-synced": batches(recordsOf64KiB, synced),
  "batch-64k-gzip": batches(recordsOf64KiB, { codec: "gzip" }),
  "batch-64k-snappy": batches(recordsOf64KiB, { codec: "snappy" }),
  "batch-64k-lz4": batches(recordsOf64KiB, { codec: "lz4" }),
  "batch-64k-zstd": batches(recordsOf64KiB, { codec: "zstd" }),
  "fetch-hot": fetch(64 * 1024),
  "fetch-hot-1m": fetch(1024 * 1024),
  "fetch-cold": fetch(1024 * 1024, { isCold: true, bytesPerPartition: 64 * 1024 * 1024 }),
  "latency-1000": {
    kind: "latency",
    ratePerSecond: 1_000,
    recordBytes: 100,
    recordsPerBatch: 1,
    partitions: 1,
    acks: 1
  },
  "latency-10000": {
    kind: "latency",
    ratePerSecond: 10_000,
    recordBytes: 100,
    recordsPerBatch: 1,
    partitions: 8,
    acks: 1
  },
  "fanout-20": { kind: "fanout", consumers: 20, inFlight: 5, recordBytes: 1024, recordsPerBatch: recordsOf16KiB },
  "partitions-1": small(8, 5, 1),
  "partitions-100": small(8, 5, 100),
  "partitions-10000": small(8, 5, manyPartitions),
  "connections-10": small(10, 1),
  "connections-1000": small(1_000, 1),
  "connections-5000": small(5_000, 1),
  "heartbeats-100": { kind: "heartbeat", groups: 100 },
  "java-producer-100b": client("java-producer", 1_000_000, 100),
  "java-producer-1k-acks-all": client("java-producer", 300_000, 1024, -1),
  "java-consumer-1k": client("java-consumer", 400_000, 1024),
  "rdkafka-producer-100b": client("rdkafka-producer", 1_000_000, 100),
  "rdkafka-producer-1k-acks-all": client("rdkafka-producer", 300_000, 1024, -1),
  "rdkafka-consumer-1k": client("rdkafka-consumer", 400_000, 1024),
  "platformatic-producer-1k": client("platformatic-producer", 100_000, 1024),
  "platformatic-consumer-1k": client("platformatic-consumer", 200_000, 1024),
  "idle-connections": { kind: "idle", connections: 5_000 },
  "cold-partitions": { kind: "coldPartitions", partitions: manyPartitions }
}

/** The loads of `--quick`. */
export const quickLoads: ReadonlyArray<string> = ["small-64x5", "batch-64k", "batch-1m", "fetch-hot"]
