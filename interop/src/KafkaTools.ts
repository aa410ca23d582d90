import { runJava } from "./KafkaJars.ts"
import type { CommandResult } from "./Process.ts"

/** Kafka's command line tools by the name of their shell script, without `.sh`. */
export const kafkaTools = {
  "kafka-storage": "kafka.tools.StorageTool",
  "kafka-topics": "org.apache.kafka.tools.TopicCommand",
  "kafka-configs": "kafka.admin.ConfigCommand",
  "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
  "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
  "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
  "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
  "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
  "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
  "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
  "kafka-acls": "org.apache.kafka.tools.AclCommand",
  "kafka-features": "org.apache.kafka.tools.FeatureCommand",
  "kafka-metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
  "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
  "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
  "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand"
} as const

export type KafkaTool = keyof typeof kafkaTools

/** Runs one of Kafka's tools to its end. */
export const runKafkaTool = (
  tool: KafkaTool,
  args: ReadonlyArray<string>,
  options: { readonly input?: string; readonly timeoutMs?: number } = {}
): Promise<CommandResult> => runJava(kafkaTools[tool], args, options)
