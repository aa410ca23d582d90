/** Names of features whose level changes what this broker does. Source: Feature. */
export const FeatureName = {
  /** 1: partitions keep the replicas that can still lead without loss (KIP-966). Source: EligibleLeaderReplicasVersion. */
  eligibleLeaderReplicas: "eligible.leader.replicas.version",
  groups: "group.version",
  metadata: "metadata.version"
} as const
