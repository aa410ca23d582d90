import { boolean, int, internal, list, long, short, string } from "../ConfigDef.ts"
import type { ConfigKey } from "../ConfigDef.ts"
import { anyList, atLeast, between, listOf, oneOfIgnoringCase } from "../ConfigValidator.ts"

const intMax = "2147483647"

/** Classic groups, offsets and the group coordinator. Source: GroupCoordinatorConfig. */
const classicKeys: ReadonlyArray<ConfigKey> = [
  list(
    "group.coordinator.rebalance.protocols",
    "classic,consumer,streams",
    "Group protocols offered to clients.",
    listOf("consumer", "classic", "share", "streams")
  ),
  int("group.coordinator.threads", "4", "Group coordinator threads; this broker uses one event loop.", atLeast(1)),
  int("group.coordinator.background.threads", "2", "Threads for regular expressions and assignments.", atLeast(1)),
  int(
    "group.coordinator.append.linger.ms",
    "-1",
    "Milliseconds group records wait for a batch; -1 adapts.",
    atLeast(-1)
  ),
  int("group.coordinator.cached.buffer.max.bytes", "1048588", "Bytes of an append buffer kept.", atLeast(524288)),
  int("group.min.session.timeout.ms", "6000", "Smallest session timeout a classic member may ask for."),
  int("group.max.session.timeout.ms", "1800000", "Largest session timeout a classic member may ask for."),
  int("group.initial.rebalance.delay.ms", "3000", "Milliseconds the first rebalance of an empty group waits."),
  int("group.max.size", intMax, "Most members of a classic group.", atLeast(1)),
  int("offset.metadata.max.bytes", "4096", "Most bytes of metadata with a committed offset."),
  int("offsets.commit.timeout.ms", "5000", "Milliseconds a commit may wait to be durable.", atLeast(1)),
  int("offsets.load.buffer.size", "5242880", "Bytes read at once while groups are loaded.", atLeast(1)),
  int("offsets.retention.minutes", "10080", "Minutes an offset outlives its group's last member.", atLeast(1)),
  long(
    "offsets.retention.check.interval.ms",
    "600000",
    "Milliseconds between two looks for expired offsets.",
    atLeast(1)
  ),
  int("offsets.topic.num.partitions", "50", "Partitions of the offsets topic.", atLeast(1)),
  short("offsets.topic.replication.factor", "1", "Replicas of the offsets topic.", atLeast(1)),
  int("offsets.topic.segment.bytes", "104857600", "Segment size in bytes of the offsets topic.", atLeast(1)),
  int("offsets.topic.compression.codec", "0", "Codec number of the offsets topic's batches.")
]

/** Consumer groups of the new protocol (KIP-848). Source: GroupCoordinatorConfig. */
const consumerKeys: ReadonlyArray<ConfigKey> = [
  int("group.consumer.session.timeout.ms", "45000", "Session timeout of consumer group members.", atLeast(1)),
  int("group.consumer.min.session.timeout.ms", "45000", "Smallest session timeout of a consumer group.", atLeast(1)),
  int("group.consumer.max.session.timeout.ms", "60000", "Largest session timeout of a consumer group.", atLeast(1)),
  int("group.consumer.heartbeat.interval.ms", "5000", "Heartbeat interval of consumer group members.", atLeast(1)),
  int(
    "group.consumer.min.heartbeat.interval.ms",
    "5000",
    "Smallest heartbeat interval of a consumer group.",
    atLeast(1)
  ),
  int(
    "group.consumer.max.heartbeat.interval.ms",
    "15000",
    "Largest heartbeat interval of a consumer group.",
    atLeast(1)
  ),
  int("group.consumer.max.size", intMax, "Most members of a consumer group.", atLeast(1)),
  list("group.consumer.assignors", "uniform,range", "Server-side assignors, the first one is the default.", anyList),
  string(
    "group.consumer.migration.policy",
    "bidirectional",
    "Which way groups may change their protocol.",
    oneOfIgnoringCase("DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL")
  ),
  int("group.consumer.assignment.interval.ms", "1000", "Least milliseconds between two assignments.", atLeast(0)),
  int("group.consumer.min.assignment.interval.ms", "0", "Smallest assignment interval of a group.", atLeast(0)),
  int("group.consumer.max.assignment.interval.ms", "15000", "Largest assignment interval of a group.", atLeast(0)),
  internal(
    int(
      "group.consumer.regex.refresh.interval.ms",
      "600000",
      "Milliseconds between two searches of topics.",
      atLeast(10000)
    )
  )
]

/** Share groups (KIP-932) and streams groups (KIP-1071). Source: ShareGroupConfig, GroupCoordinatorConfig. */
const shareAndStreamsKeys: ReadonlyArray<ConfigKey> = [
  int("group.share.session.timeout.ms", "45000", "Session timeout of share group members.", atLeast(1)),
  int("group.share.min.session.timeout.ms", "45000", "Smallest session timeout of a share group.", atLeast(1)),
  int("group.share.max.session.timeout.ms", "60000", "Largest session timeout of a share group.", atLeast(1)),
  int("group.share.heartbeat.interval.ms", "5000", "Heartbeat interval of share group members.", atLeast(1)),
  int("group.share.min.heartbeat.interval.ms", "5000", "Smallest heartbeat interval of a share group.", atLeast(1)),
  int("group.share.max.heartbeat.interval.ms", "15000", "Largest heartbeat interval of a share group.", atLeast(1)),
  int("group.share.max.size", "200", "Most members of a share group.", between(1, 1000)),
  int("group.share.assignment.interval.ms", "1000", "Least milliseconds between two assignments.", atLeast(0)),
  int("group.share.min.assignment.interval.ms", "0", "Smallest assignment interval of a share group.", atLeast(0)),
  int("group.share.max.assignment.interval.ms", "15000", "Largest assignment interval of a share group.", atLeast(0)),
  int("group.share.delivery.count.limit", "5", "Deliveries of a record before it is given up.", between(2, 10)),
  int("group.share.min.delivery.count.limit", "2", "Smallest delivery count limit of a group.", between(2, 5)),
  int("group.share.max.delivery.count.limit", "10", "Largest delivery count limit of a group.", between(5, 25)),
  int("group.share.record.lock.duration.ms", "30000", "Milliseconds a record is locked.", between(1000, 3600000)),
  int("group.share.min.record.lock.duration.ms", "15000", "Smallest lock duration of a group.", between(1000, 30000)),
  int("group.share.max.record.lock.duration.ms", "60000", "Largest lock duration of a group.", between(30000, 3600000)),
  int("group.share.partition.max.record.locks", "2000", "Most locked records per partition.", between(100, 10000)),
  int("group.share.min.partition.max.record.locks", "100", "Smallest lock limit of a group.", between(100, 2000)),
  int("group.share.max.partition.max.record.locks", "4000", "Largest lock limit of a group.", between(2000, 10000)),
  int("group.streams.session.timeout.ms", "45000", "Session timeout of streams group members.", atLeast(1)),
  int("group.streams.min.session.timeout.ms", "45000", "Smallest session timeout of a streams group.", atLeast(1)),
  int("group.streams.max.session.timeout.ms", "60000", "Largest session timeout of a streams group.", atLeast(1)),
  int("group.streams.heartbeat.interval.ms", "5000", "Heartbeat interval of streams group members.", atLeast(1)),
  int("group.streams.min.heartbeat.interval.ms", "5000", "Smallest heartbeat interval of a streams group.", atLeast(1)),
  int("group.streams.max.heartbeat.interval.ms", "15000", "Largest heartbeat interval of a streams group.", atLeast(1)),
  int("group.streams.max.size", intMax, "Most members of a streams group.", atLeast(1)),
  int("group.streams.num.standby.replicas", "0", "Standby replicas of each streams task.", atLeast(0)),
  int("group.streams.max.standby.replicas", "2", "Most standby replicas of a streams group.", atLeast(0)),
  int("group.streams.initial.rebalance.delay.ms", "3000", "Milliseconds a new streams group waits.", atLeast(0)),
  int("group.streams.assignment.interval.ms", "1000", "Least milliseconds between two assignments.", atLeast(0)),
  int("group.streams.min.assignment.interval.ms", "0", "Smallest assignment interval of a group.", atLeast(0)),
  int("group.streams.max.assignment.interval.ms", "15000", "Largest assignment interval of a group.", atLeast(0))
]

/** Transactions and producer ids. Source: TransactionLogConfig, TransactionStateManagerConfig. */
const transactionKeys: ReadonlyArray<ConfigKey> = [
  int("transaction.max.timeout.ms", "900000", "Longest transaction timeout a producer may ask for.", atLeast(1)),
  int("transaction.state.log.num.partitions", "50", "Partitions of the transaction topic.", atLeast(1)),
  short("transaction.state.log.replication.factor", "1", "Replicas of the transaction topic.", atLeast(1)),
  int("transaction.state.log.min.isr", "1", "Replicas of the transaction topic that must be in sync.", atLeast(1)),
  int(
    "transaction.state.log.segment.bytes",
    "104857600",
    "Segment size in bytes of the transaction topic.",
    atLeast(1)
  ),
  int(
    "transaction.state.log.load.buffer.size",
    "5242880",
    "Bytes read at once while transactions are loaded.",
    atLeast(1)
  ),
  boolean("transaction.partition.verification.enable", "true", "Whether a write is checked to be in its transaction."),
  boolean("transaction.two.phase.commit.enable", "false", "Whether two-phase commit of clients is allowed."),
  int(
    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    "10000",
    "Milliseconds between two looks for timed out transactions.",
    atLeast(1)
  ),
  int(
    "transaction.remove.expired.transaction.cleanup.interval.ms",
    "3600000",
    "Milliseconds between two looks for expired transactional ids.",
    atLeast(1)
  ),
  int(
    "transactional.id.expiration.ms",
    "604800000",
    "Milliseconds after which an unused transactional id expires.",
    atLeast(1)
  ),
  int("producer.id.expiration.ms", "86400000", "Milliseconds after which an unused producer id expires.", atLeast(1)),
  internal(
    int(
      "producer.id.expiration.check.interval.ms",
      "600000",
      "Milliseconds between two looks for expired ids.",
      atLeast(1)
    )
  ),
  int("add.partitions.to.txn.retry.backoff.ms", "20", "Milliseconds between tries to add a partition.", atLeast(1)),
  int("add.partitions.to.txn.retry.backoff.max.ms", "100", "Milliseconds of all tries to add a partition.", atLeast(0))
]

/** Groups of every protocol, offsets, transactions and producer ids. */
export const groupKeys: ReadonlyArray<ConfigKey> = [
  ...classicKeys,
  ...consumerKeys,
  ...shareAndStreamsKeys,
  ...transactionKeys
]
