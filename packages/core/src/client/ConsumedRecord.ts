import type { TopicPartition } from "../model/TopicPartition.ts"
import type { Record as KafkaRecord } from "../protocol/records/Record.ts"

/** A record and where it was read. */
export interface ConsumedRecord extends KafkaRecord, TopicPartition {}
