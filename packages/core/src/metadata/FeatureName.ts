/** Names of features whose level changes what this broker does. Source: Feature. */
export const FeatureName = {
  /** 1: partitions keep the replicas that can still lead without loss (KIP-966). Source: EligibleLeaderReplicasVersion. */
  eligibleLeaderReplicas: "eligible.leader.replicas.version",
  groups: "group.version",
  metadata: "metadata.version",
  /** 2: every end of a transaction bumps the epoch (KIP-890). Source: TransactionVersion. */
  transactions: "transaction.version"
} as const

/**
 * Levels of the features this broker understands, by name. Features of another origin, found in a directory of Apache
 * Kafka, are reported at the level they have there. Source: Feature, MetadataVersion.
 */
export const understoodLevels: ReadonlyMap<string, { readonly min: number; readonly max: number }> = new Map([
  [FeatureName.metadata, { min: 7, max: 30 }],
  [FeatureName.eligibleLeaderReplicas, { min: 0, max: 1 }],
  [FeatureName.groups, { min: 0, max: 1 }],
  [FeatureName.transactions, { min: 0, max: 2 }]
])
