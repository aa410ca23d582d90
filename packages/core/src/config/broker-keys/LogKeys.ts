import { boolean, double, int, list, long, string } from "../ConfigDef.ts"
import { anyList, atLeast, between, doubleBetween, gzipLevel, listOf, oneOf } from "../ConfigValidator.ts"
import { longMax } from "../TopicConfigs.ts"
import { atOnce, atStart, noEffect } from "../SettingEffect.ts"

/** Where logs lie and how they are rolled, kept, flushed and compacted. Source: ServerLogConfigs, CleanerConfig. */
export const logKeys = [
  list("log.dir", "data", "Directory that holds the data when log.dirs is not given.", atStart, anyList),
  list("log.dirs", null, "Directory that holds the data; only one is possible.", atStart, anyList),
  list("cordoned.log.dirs", "", "Directories in which no new partition is placed.", noEffect.oneDirectory, anyList),
  int("num.partitions", "1", "Partitions of a topic created without a partition count.", atStart, atLeast(1)),
  boolean("auto.create.topics.enable", "true", "Whether a client that names a missing topic creates it.", atStart),
  boolean("delete.topic.enable", "true", "Whether topics can be deleted.", atStart),
  int("min.insync.replicas", "1", "Replicas that must be in sync for a write with acks=all.", atOnce, atLeast(1)),
  boolean(
    "unclean.leader.election.enable",
    "false",
    "Whether a replica outside the in-sync set may lead.",
    noEffect.oneBroker
  ),
  int("message.max.bytes", "1048588", "Largest size in bytes of one record batch.", atOnce, atLeast(0)),
  string(
    "compression.type",
    "producer",
    "Codec in which batches are stored; producer keeps that of the client.",
    atOnce,
    oneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
  ),
  int("compression.gzip.level", "-1", "Level used when compression.type is gzip.", noEffect.codecDecides, gzipLevel),
  int("compression.lz4.level", "9", "Level used when compression.type is lz4.", noEffect.codecDecides, between(1, 17)),
  int(
    "compression.zstd.level",
    "3",
    "Level used when compression.type is zstd.",
    noEffect.codecDecides,
    between(-131072, 22)
  ),
  int("log.segment.bytes", "1073741824", "Size in bytes at which a new segment is begun.", atOnce, atLeast(1048576)),
  long("log.roll.ms", null, "Age in milliseconds at which a new segment is begun.", atOnce),
  int("log.roll.hours", "168", "Age in hours at which a new segment is begun.", atStart, atLeast(1)),
  long("log.roll.jitter.ms", null, "Largest random time in milliseconds taken off the roll age.", noEffect.noRetention),
  int(
    "log.roll.jitter.hours",
    "0",
    "Largest random time in hours taken off the roll age.",
    noEffect.noRetention,
    atLeast(0)
  ),
  long(
    "log.retention.ms",
    null,
    "Age in milliseconds after which records may be deleted; -1 is no limit.",
    noEffect.noRetention
  ),
  int("log.retention.minutes", null, "Age in minutes after which records may be deleted.", noEffect.noRetention),
  int("log.retention.hours", "168", "Age in hours after which records may be deleted.", noEffect.noRetention),
  long(
    "log.retention.bytes",
    "-1",
    "Size in bytes a partition may reach before old segments are deleted.",
    noEffect.noRetention
  ),
  long(
    "log.retention.check.interval.ms",
    "300000",
    "Milliseconds between two retention checks.",
    noEffect.noRetention,
    atLeast(1)
  ),
  list(
    "log.cleanup.policy",
    "delete",
    "What happens to old records: delete, compact or both.",
    noEffect.noRetention,
    listOf("compact", "delete")
  ),
  int("log.index.size.max.bytes", "10485760", "Largest size in bytes of an offset index.", atOnce, atLeast(4)),
  int("log.index.interval.bytes", "4096", "Bytes of log between two index entries.", atOnce, atLeast(0)),
  long(
    "log.flush.interval.messages",
    longMax,
    "Records after which a log is forced to stable storage.",
    atOnce,
    atLeast(1)
  ),
  long("log.flush.interval.ms", null, "Milliseconds after which written records are forced to stable storage.", atOnce),
  string(
    "kafka.broker.acks.all.durability",
    "sync",
    "Whether acks=all waits for stable storage (sync) or for the operating system (page-cache); of this broker only.",
    atStart,
    oneOf("sync", "page-cache")
  ),
  string(
    "kafka.broker.metadata.log.failure",
    "exit",
    "When the metadata log cannot be written, the process ends, as that of Kafka does, so that a supervisor starts it " +
      "again (exit), or goes on without changes of topics, configs and producer ids (refuse); of this broker only.",
    atStart,
    oneOf("exit", "refuse")
  ),
  long(
    "log.flush.scheduler.interval.ms",
    longMax,
    "Milliseconds between two looks for logs that need a flush.",
    atStart
  ),
  int(
    "log.flush.offset.checkpoint.interval.ms",
    "60000",
    "Milliseconds between recovery point checkpoints.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  int(
    "log.flush.start.offset.checkpoint.interval.ms",
    "60000",
    "Milliseconds between log start offset checkpoints.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  long(
    "log.segment.delete.delay.ms",
    "60000",
    "Milliseconds between dropping a segment and deleting its files.",
    noEffect.noRetention,
    atLeast(0)
  ),
  boolean("log.preallocate", "false", "Whether a new segment file gets its full size at once.", noEffect.systemDecides),
  string(
    "log.message.timestamp.type",
    "CreateTime",
    "Whether timestamps are the producer's or the broker's.",
    atOnce,
    oneOf("CreateTime", "LogAppendTime")
  ),
  long(
    "log.message.timestamp.before.max.ms",
    longMax,
    "How far timestamps may lie behind the broker's clock.",
    atOnce,
    atLeast(0)
  ),
  long(
    "log.message.timestamp.after.max.ms",
    "3600000",
    "How far timestamps may lie ahead of the broker's clock.",
    atOnce,
    atLeast(0)
  ),
  long("log.local.retention.ms", "-2", "Local retention age under tiered storage.", noEffect.noTiering, atLeast(-2)),
  long(
    "log.local.retention.bytes",
    "-2",
    "Local retention size under tiered storage.",
    noEffect.noTiering,
    atLeast(-2)
  ),
  long(
    "log.dir.failure.timeout.ms",
    "30000",
    "Milliseconds a failed log directory may go unreported.",
    noEffect.oneBroker,
    atLeast(1)
  ),
  int(
    "num.recovery.threads.per.data.dir",
    "2",
    "Logs recovered at the same time on start.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  boolean("log.cleaner.enable", "true", "Whether compacted topics are compacted.", noEffect.noRetention),
  int("log.cleaner.threads", "1", "Logs compacted at the same time.", noEffect.noRetention, atLeast(0)),
  double(
    "log.cleaner.io.max.bytes.per.second",
    "1.7976931348623157E308",
    "Bound on compaction's reads and writes.",
    noEffect.noRetention
  ),
  long(
    "log.cleaner.dedupe.buffer.size",
    "134217728",
    "Bytes of memory for the key map of compaction.",
    noEffect.noRetention
  ),
  int(
    "log.cleaner.io.buffer.size",
    "524288",
    "Bytes of memory for compaction's reads and writes.",
    noEffect.noRetention,
    atLeast(0)
  ),
  double(
    "log.cleaner.io.buffer.load.factor",
    "0.9",
    "How full the key map of compaction may become.",
    noEffect.noRetention
  ),
  long(
    "log.cleaner.backoff.ms",
    "15000",
    "Milliseconds to wait when there is nothing to compact.",
    noEffect.noRetention,
    atLeast(0)
  ),
  double(
    "log.cleaner.min.cleanable.ratio",
    "0.5",
    "Share of a log that must be uncompacted to compact it.",
    noEffect.noRetention,
    doubleBetween(0, 1)
  ),
  long(
    "log.cleaner.delete.retention.ms",
    "86400000",
    "Milliseconds that delete markers stay.",
    noEffect.noRetention,
    atLeast(0)
  ),
  long(
    "log.cleaner.min.compaction.lag.ms",
    "0",
    "Least milliseconds that a record stays uncompacted.",
    noEffect.noRetention,
    atLeast(0)
  ),
  long(
    "log.cleaner.max.compaction.lag.ms",
    longMax,
    "Most milliseconds that a record stays ineligible.",
    noEffect.noRetention,
    atLeast(1)
  ),
  boolean("remote.log.storage.system.enable", "false", "Whether tiered storage is available.", noEffect.noTiering)
]
