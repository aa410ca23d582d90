/** Bounds of the controller, each with its unit and reason. */
export const ControllerLimits = {
  /**
   * Records one request may decide, so that a decision fits in one batch.
   * Source: QuorumController.MAX_RECORDS_PER_USER_OP.
   */
  recordsPerRequestMax: 10_000,
  /** Partitions one CreateTopics may ask for. Source: ReplicationControlManager.MAX_PARTITIONS_PER_BATCH. */
  partitionsPerRequestMax: 10_000,
  /** Producer ids handed to a broker at once. Source: ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE. */
  producerIdsPerBlock: 1000,
  /** Decisions waiting for the controller; more make their callers wait. */
  mailboxSizeMax: 1024
} as const
