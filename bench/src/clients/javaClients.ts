import { ensureKafkaJars, kafkaClasspath } from "../../../interop/src/KafkaJars.ts"
import type { Client } from "./Client.ts"

/** The heap that `kafka-producer-perf-test.sh` and its sibling give, and a quiet log. */
const java = (mainClass: string, args: ReadonlyArray<string>): ReadonlyArray<string> => [
  "java",
  "-Xmx512m",
  "-XX:+UseG1GC",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
  "-Dlog4j2.statusLoggerLevel=OFF",
  "-cp",
  kafkaClasspath(),
  mainClass,
  ...args
]

const producerSummary =
  /^(\d+) records sent, ([\d.]+) records\/sec .* ([\d.]+) ms max latency, (\d+) ms 50th, \d+ ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th/gm

/** `kafka-producer-perf-test` with Kafka's own producer settings. */
export const javaProducer: Client = {
  prepare: ensureKafkaJars,
  command: ({ records, recordBytes, acks }, port, topic) =>
    java("org.apache.kafka.tools.ProducerPerformance", [
      ...["--bootstrap-server", `127.0.0.1:${port}`, "--topic", topic, "--num-records", String(records)],
      ...["--record-size", String(recordBytes), "--throughput", "-1", "--command-property", `acks=${acks}`]
    ]),
  parse: (output) => {
    const last = [...output.matchAll(producerSummary)].at(-1)
    if (last === undefined) return undefined
    const [records, rate, max, p50, p99, p999] = last.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number
    ]
    return { records, seconds: records / rate, latencyMs: { p50, p99, p999, max } }
  }
}

/** `kafka-consumer-perf-test`: one consumer of a group of its own; its time to join the group is not counted. */
export const javaConsumer: Client = {
  prepare: ensureKafkaJars,
  command: ({ records }, port, topic) =>
    java("org.apache.kafka.tools.ConsumerPerformance", [
      ...["--bootstrap-server", `127.0.0.1:${port}`, "--topic", topic, "--num-records", String(records)],
      ...["--hide-header", "--timeout", "30000"]
    ]),
  parse: (output) => {
    // Start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, MB/s and records/s of fetching alone.
    const fields = output.trim().split("\n").at(-1)!.split(",").map((field) => field.trim())
    if (fields.length < 10) return undefined
    return { records: Number(fields[4]), seconds: Number(fields[7]) / 1_000 }
  }
}
