import { boolean, int, internal, short } from "../ConfigDef.ts"
import { atLeast } from "../ConfigValidator.ts"
import { atOnce, atStart, noEffect } from "../SettingEffect.ts"

/** Transactions and producer ids. Source: TransactionLogConfig, TransactionStateManagerConfig. */
export const transactionKeys = [
  int(
    "transaction.max.timeout.ms",
    "900000",
    "Longest transaction timeout a producer may ask for.",
    atStart,
    atLeast(1)
  ),
  int(
    "transaction.state.log.num.partitions",
    "50",
    "Partitions of the transaction topic.",
    atStart,
    atLeast(1)
  ),
  short(
    "transaction.state.log.replication.factor",
    "1",
    "Replicas of the transaction topic.",
    atStart,
    atLeast(1)
  ),
  int(
    "transaction.state.log.min.isr",
    "1",
    "Replicas of the transaction topic that must be in sync.",
    atStart,
    atLeast(1)
  ),
  int(
    "transaction.state.log.segment.bytes",
    "104857600",
    "Segment size in bytes of the transaction topic.",
    atStart,
    atLeast(1)
  ),
  int(
    "transaction.state.log.load.buffer.size",
    "5242880",
    "Bytes read at once while transactions are loaded.",
    noEffect.whenNeeded,
    atLeast(1)
  ),
  boolean(
    "transaction.partition.verification.enable",
    "true",
    "Whether a write is checked to be in its transaction.",
    noEffect.alwaysVerified
  ),
  boolean(
    "transaction.two.phase.commit.enable",
    "false",
    "Whether two-phase commit of clients is allowed.",
    noEffect.finishedOnly
  ),
  int(
    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    "10000",
    "Milliseconds between two looks for timed out transactions.",
    atStart,
    atLeast(1)
  ),
  int(
    "transaction.remove.expired.transaction.cleanup.interval.ms",
    "3600000",
    "Milliseconds between two looks for expired transactional ids.",
    atStart,
    atLeast(1)
  ),
  int(
    "transactional.id.expiration.ms",
    "604800000",
    "Milliseconds after which an unused transactional id expires.",
    atStart,
    atLeast(1)
  ),
  int(
    "producer.id.expiration.ms",
    "86400000",
    "Milliseconds after which an unused producer id expires.",
    atOnce,
    atLeast(1)
  ),
  internal(
    int(
      "producer.id.expiration.check.interval.ms",
      "600000",
      "Milliseconds between two looks for expired ids.",
      atStart,
      atLeast(1)
    )
  ),
  int(
    "add.partitions.to.txn.retry.backoff.ms",
    "20",
    "Milliseconds between tries to add a partition.",
    atStart,
    atLeast(1)
  ),
  int(
    "add.partitions.to.txn.retry.backoff.max.ms",
    "100",
    "Milliseconds of all tries to add a partition.",
    atStart,
    atLeast(0)
  )
]
