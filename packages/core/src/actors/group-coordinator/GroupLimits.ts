/** Bounds on what one group may make the broker keep, beside those that are settings. */
export const GroupLimits = {
  /** Protocols in one JoinGroup; clients send one to four. */
  protocolsMax: 64,
  /** Bytes of all protocol metadata in one JoinGroup: one member must fit a record of `max.message.bytes`. */
  memberMetadataSizeBytesMax: 512 * 1024,
  /** Bytes of all assignments in one SyncGroup, which become one record. */
  assignmentsSizeBytesMax: 16 * 1024 * 1024,
  /** Ids given out with MEMBER_ID_REQUIRED and not used yet, per group. */
  pendingMembersMax: 10_000,
  /** UTF-16 units of a member, instance or rack id; Kafka's strings end at 32767 bytes anyway. */
  idLengthMax: 8192,
  /** Different regular expressions in one group: each is matched against every topic name. */
  regularExpressionsMax: 100,
  /** Expressions of which is known what they match; each keeps some hundred kilobytes at most. */
  regexesKnownMax: 200,
  /** Steps of matching between two turns of the loop, while an expression is new: some milliseconds. */
  regexSliceSteps: 200_000,
  /** Steps of matching that groups' decisions do in one turn: some ten milliseconds. */
  regexStepsInTurnMax: 500_000,
  /** Steps in which an expression is matched against all topics: a hundred thousand names take a tenth of it. */
  regexStepsMax: 40_000_000
} as const
