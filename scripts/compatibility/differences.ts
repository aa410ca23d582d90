import { allowedDifferences } from "../../interop/differential/rules.ts"

/** Something that this broker does otherwise than Apache Kafka, and means to. */
export interface Difference {
  readonly what: string
  readonly reason: string
  /** The files of `packages/core/src` whose comments say "Deliberate difference". */
  readonly sources?: ReadonlyArray<string>
}

/** What clients can see; the comparison with Apache Kafka (`interop/differential`) allows exactly the first of them. */
export const differences: ReadonlyArray<Difference> = [
  ...allowedDifferences,
  {
    what: "Produce 0-2: served, the messages are converted to today's format; Kafka closes the connection",
    reason: "librdkafka and older clients still speak them"
  },
  {
    what:
      "Produce: a batch that decompresses to more than 128 MiB is refused with 10, MESSAGE_TOO_LARGE, and so are the " +
      "batches of a request beyond 8 GiB together; messages of versions 0-2 beyond 4 MiB",
    reason: "a few thousand bytes can hold a hundred million, and the work of one client is bounded"
  },
  {
    what: "ConsumerGroupHeartbeat: a regular expression of more than 1,000 instructions is refused with 128, " +
      "INVALID_REGULAR_EXPRESSION, and so is one that takes too much work over all topics; a group has 100 at most",
    reason: "Kafka matches in a thread of its own and has no bound"
  },
  {
    what: "Produce: several requests of one connection may be under way at once; answers keep their order",
    reason: "a client that pipelines need not wait for one request's write before the next is taken"
  },
  {
    what:
      "Transactions: a request that comes while another of the same transactional id is being written waits for it; " +
      "Kafka answers 51, CONCURRENT_TRANSACTIONS",
    reason: "a client would only send it again, after a pause",
    sources: ["actors/transaction-coordinator/transactionMachine.ts"]
  },
  {
    what: "Transactions: every transactional write of a client is verified, or added, at its coordinator; " +
      "`transaction.partition.verification.enable` has no effect",
    reason: "a write that its coordinator does not know of can stay open for ever (KIP-890)"
  },
  {
    what: "Produce with acks=all is answered once the batch is on stable storage; Kafka answers from the page cache",
    reason:
      "there are no replicas to make up for a lost machine; `kafka.broker.acks.all.durability=page-cache` turns it off"
  },
  {
    what: "Metadata: topics are answered in the order asked; Kafka's order is that of a hash table",
    reason: "the order means nothing to clients, and a fixed one is easier to read and to test",
    sources: ["handlers/Metadata.ts"]
  },
  {
    what: "DescribeConfigs: entries are sorted by name; Kafka's order is that of a hash table",
    reason: "as above"
  },
  {
    what:
      "Fetch: while 48 MiB of answers wait for their readers, an answer has 256 KiB of records or one batch, at once; above 64 MiB connections that take nothing of theirs are closed for those that wait",
    reason: "Kafka lets the kernel send from the file; here records lie in memory until they are sent (decision 14)"
  },
  {
    what:
      "Fetch: a waiting fetch is answered once the bytes it asks for can really be read; Kafka answers on an estimate",
    reason: "a fetch that was promised bytes gets them"
  },
  {
    what: "FindCoordinator: the first answer waits until the internal topic exists; Kafka's is error 15",
    reason: "the topic is there within milliseconds, and the client is spared a retry with its pause",
    sources: ["actors/coordinator-runtime/CoordinatorFinder.ts"]
  },
  {
    what:
      "a log with less than its checkpoints say, or a segment that is gone, is offline (56); Kafka goes on with the rest",
    reason: "lost records are named before clients act on their absence; `kafka-broker repair` mends it when asked",
    sources: ["log/openPartitionLog.ts"]
  },
  {
    what: "a log without a topic id is taken for the topic of its name; Kafka renames it to a stray",
    reason: "a crash may come between the directory and the file with the id",
    sources: ["actors/controller/strayLogs.ts"]
  },
  {
    what: "internal topics are made with no more replicas than there are brokers; Kafka waits for more brokers",
    reason: "there is one broker, and no more will come"
  }
]

/** What a broker of Kafka can do and this one cannot, beyond whole APIs. */
export const limits: ReadonlyArray<string> = [
  "One broker. Replication factors above 1 are refused (error 38), and no leader ever moves. A partition that a larger " +
  "cluster left can shed replicas; to copy it to a broker that is gone is refused (error 39), where Kafka would wait.",
  "Listeners are plain TCP: no TLS, no SASL. Every client is `User:ANONYMOUS`.",
  "No quotas: `throttle_time_ms` is always 0.",
  "One log directory; `log.dirs` with more than one entry is refused at start.",
  "No tiered storage (`remote.storage.enable=true` is refused, error 40).",
  "Metadata stays on this node: there is no Raft quorum to join. The data directory is in Kafka's KRaft format."
]
