/** Arrays whose order means nothing, because Kafka builds them from hash maps; by the whole value without `by`. */
export const orderRules: ReadonlyArray<{
  readonly api: string
  readonly field: string
  readonly by: ReadonlyArray<string>
}> = [
  { api: "Produce", field: "responses", by: ["name", "topicId"] },
  { api: "Produce", field: "partitionResponses", by: ["index"] },
  { api: "Metadata", field: "topics", by: ["name", "topicId"] },
  { api: "Metadata", field: "partitions", by: ["partitionIndex"] },
  { api: "ListOffsets", field: "topics", by: ["name"] },
  { api: "ListOffsets", field: "partitions", by: ["partitionIndex"] },
  { api: "DeleteTopics", field: "responses", by: ["errorCode", "name"] },
  { api: "DeleteRecords", field: "topics", by: ["name"] },
  { api: "DeleteRecords", field: "partitions", by: ["partitionIndex"] },
  { api: "CreatePartitions", field: "results", by: ["name"] },
  { api: "DescribeConfigs", field: "results", by: ["resourceType", "resourceName"] },
  { api: "DescribeConfigs", field: "configs", by: ["name"] },
  { api: "AlterConfigs", field: "responses", by: ["resourceType", "resourceName"] },
  { api: "IncrementalAlterConfigs", field: "responses", by: ["resourceType", "resourceName"] },
  { api: "ListConfigResources", field: "configResources", by: ["resourceType", "resourceName"] },
  { api: "DescribeLogDirs", field: "topics", by: ["name"] },
  { api: "DescribeLogDirs", field: "partitions", by: ["partitionIndex"] },
  { api: "JoinGroup", field: "members", by: ["groupInstanceId", "memberId"] },
  { api: "DescribeGroups", field: "members", by: ["groupInstanceId", "memberId"] },
  { api: "ConsumerGroupDescribe", field: "members", by: ["memberId"] },
  { api: "ConsumerGroupDescribe", field: "subscribedTopicNames", by: [] },
  { api: "ConsumerGroupDescribe", field: "topicPartitions", by: ["topicName"] },
  { api: "ConsumerGroupHeartbeat", field: "topicPartitions", by: ["topicId"] },
  { api: "OffsetFetch", field: "topics", by: ["name", "topicId"] },
  { api: "OffsetFetch", field: "partitions", by: ["partitionIndex"] },
  { api: "OffsetCommit", field: "topics", by: ["name", "topicId"] },
  { api: "OffsetCommit", field: "partitions", by: ["partitionIndex"] },
  { api: "OffsetDelete", field: "topics", by: ["name"] },
  { api: "OffsetDelete", field: "partitions", by: ["partitionIndex"] },
  { api: "DescribeGroups", field: "groups", by: ["groupId"] },
  { api: "ConsumerGroupDescribe", field: "groups", by: ["groupId"] },
  { api: "ListGroups", field: "groups", by: ["groupId"] },
  { api: "DeleteGroups", field: "results", by: ["groupId"] },
  { api: "OffsetForLeaderEpoch", field: "topics", by: ["topic"] },
  { api: "OffsetForLeaderEpoch", field: "partitions", by: ["partition"] }
]

/** A place where the two answers differ, with the objects around it. */
export interface Difference {
  readonly path: string
  /** Of the step it is in. */
  readonly label: string
  readonly kafka: unknown
  readonly ours: unknown
  readonly kafkaParent: unknown
}

/** A difference that is meant: what it is, why, and how it is recognised. */
export interface AllowedDifference {
  readonly what: string
  readonly reason: string
  /** The files of `packages/core/src` whose comments say "Deliberate difference". */
  readonly sources?: ReadonlyArray<string>
  readonly matches: (difference: Difference) => boolean
}

/** Marks the steps of a case that sends a partition twice. */
export const twiceLabel = "the same partition twice"

/** Marks the steps that fetch, under ACLs, a topic by an id that nobody has. */
export const unknownIdLabel = "with an id that is unknown"

const messageOf = (value: unknown): string => (value as { errorMessage?: string | null } | null)?.errorMessage ?? ""

/** The sentence for a setting that a running broker cannot change. */
const notDynamic = /^Cannot update these configs dynamically: /

/** Everything our broker may answer differently from Apache Kafka. */
export const allowedDifferences: ReadonlyArray<AllowedDifference> = [
  {
    what: "CreateTopics: a manual assignment together with a count or factor is error 39, Kafka's is 42",
    reason: "every bad manual assignment has one code here; the message is Kafka's",
    sources: ["actors/controller/createTopics.ts"],
    matches: ({ kafka, kafkaParent, ours, path }) =>
      path.endsWith(".errorCode") && kafka === 42 && ours === 39 &&
      messageOf(kafkaParent).startsWith("A manual partition assignment was specified")
  },
  {
    what: "ApiVersions: CreateTopics from version 0, Kafka's from 2",
    reason: "older clients are served; Kafka 4 has dropped them",
    matches: ({ kafka, ours, path }) => path.endsWith("versions.key 19.minVersion") && kafka === 2 && ours === 0
  },
  {
    what: "an error with a meaning where Kafka's is -1, UNKNOWN_SERVER_ERROR; its message",
    reason:
      "Kafka's answer is an exception nobody caught, such as for compressed bytes that cannot be decompressed; a " +
      "client would take it for trouble of the broker and try again",
    sources: ["actors/partition-leader/validateBatch.ts"],
    matches: ({ kafka, kafkaParent, ours, path }) =>
      (path.endsWith(".errorCode") && kafka === -1 && typeof ours === "number" && ours > 0) ||
      (path.endsWith(".errorMessage") && kafka === null && (kafkaParent as { errorCode?: unknown }).errorCode === -1)
  },
  {
    what: "Produce: a partition that comes twice in a request is appended and answered twice",
    reason: "Kafka appends the last of the two and drops the first without a word",
    matches: ({ label }) => label === twiceLabel
  },
  {
    what: "a dynamic broker config that changes nothing here is refused with 42 and shown as read-only",
    reason:
      "Kafka takes it, or refuses it for another reason; to keep it without effect would be untrue (see [settings.md](settings.md))",
    sources: ["config/validateDynamicBrokerConfigs.ts"],
    matches: ({ kafka, ours, path }) =>
      (path.endsWith(".readOnly") && kafka === false && ours === true) ||
      (path.endsWith(".errorCode") && kafka === 0 && ours === 42) ||
      (path.endsWith(".errorMessage") && notDynamic.test(String(ours)))
  },
  {
    what: "DescribeQuorum: the controller has no listeners",
    reason: "none is open: this node's controller is asked through the broker's listeners only",
    sources: ["handlers/DescribeQuorum.ts"],
    matches: ({ kafka, ours, path }) =>
      path.endsWith(".nodes[0].listeners[0]") && kafka === "CONTROLLER" && ours === undefined
  },
  {
    what: "Fetch from version 13 under an authorizer: an id of no topic fails its partition with 100",
    reason:
      "Kafka asks its authorizer about a topic without a name, fails on that, and refuses the whole request with -1",
    matches: ({ label }) => /^v1[37] /.test(label) && label.endsWith(unknownIdLabel)
  }
]
