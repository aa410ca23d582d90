import { int, internal, list, long, short, string } from "../ConfigDef.ts"
import { anyList, atLeast, listOf, oneOfIgnoringCase } from "../ConfigValidator.ts"
import { atStart, noEffect } from "../SettingEffect.ts"

const intMax = "2147483647"

/** Classic groups, offsets and the group coordinator. Source: GroupCoordinatorConfig. */
const classicKeys = [
  list(
    "group.coordinator.rebalance.protocols",
    "classic,consumer,streams",
    "Group protocols offered to clients.",
    atStart,
    listOf("consumer", "classic", "share", "streams")
  ),
  int(
    "group.coordinator.threads",
    "4",
    "Group coordinator threads; this broker uses one event loop.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  int(
    "group.coordinator.background.threads",
    "2",
    "Threads for regular expressions and assignments.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  int(
    "group.coordinator.append.linger.ms",
    "-1",
    "Milliseconds group records wait for a batch; -1 adapts.",
    noEffect.oneEventLoop,
    atLeast(-1)
  ),
  int(
    "group.coordinator.cached.buffer.max.bytes",
    "1048588",
    "Bytes of an append buffer kept.",
    noEffect.oneEventLoop,
    atLeast(524288)
  ),
  int("group.min.session.timeout.ms", "6000", "Smallest session timeout a classic member may ask for.", atStart),
  int("group.max.session.timeout.ms", "1800000", "Largest session timeout a classic member may ask for.", atStart),
  int("group.initial.rebalance.delay.ms", "3000", "Milliseconds the first rebalance of an empty group waits.", atStart),
  int("group.max.size", intMax, "Most members of a classic group.", atStart, atLeast(1)),
  int("offset.metadata.max.bytes", "4096", "Most bytes of metadata with a committed offset.", atStart),
  int("offsets.commit.timeout.ms", "5000", "Milliseconds a commit may wait to be durable.", atStart, atLeast(1)),
  int(
    "offsets.load.buffer.size",
    "5242880",
    "Bytes read at once while groups are loaded.",
    noEffect.whenNeeded,
    atLeast(1)
  ),
  int("offsets.retention.minutes", "10080", "Minutes an offset outlives its group's last member.", atStart, atLeast(1)),
  long(
    "offsets.retention.check.interval.ms",
    "600000",
    "Milliseconds between two looks for expired offsets.",
    atStart,
    atLeast(1)
  ),
  int("offsets.topic.num.partitions", "50", "Partitions of the offsets topic.", atStart, atLeast(1)),
  short("offsets.topic.replication.factor", "1", "Replicas of the offsets topic.", atStart, atLeast(1)),
  int("offsets.topic.segment.bytes", "104857600", "Segment size in bytes of the offsets topic.", atStart, atLeast(1)),
  int("offsets.topic.compression.codec", "0", "Codec number of the offsets topic's batches.", noEffect.codecDecides)
]

/** Consumer groups of the new protocol (KIP-848). Source: GroupCoordinatorConfig. */
const consumerKeys = [
  int("group.consumer.session.timeout.ms", "45000", "Session timeout of consumer group members.", atStart, atLeast(1)),
  int(
    "group.consumer.min.session.timeout.ms",
    "45000",
    "Smallest session timeout of a consumer group.",
    atStart,
    atLeast(1)
  ),
  int(
    "group.consumer.max.session.timeout.ms",
    "60000",
    "Largest session timeout of a consumer group.",
    atStart,
    atLeast(1)
  ),
  int(
    "group.consumer.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval of consumer group members.",
    atStart,
    atLeast(1)
  ),
  int(
    "group.consumer.min.heartbeat.interval.ms",
    "5000",
    "Smallest heartbeat interval of a consumer group.",
    atStart,
    atLeast(1)
  ),
  int(
    "group.consumer.max.heartbeat.interval.ms",
    "15000",
    "Largest heartbeat interval of a consumer group.",
    atStart,
    atLeast(1)
  ),
  int("group.consumer.max.size", intMax, "Most members of a consumer group.", atStart, atLeast(1)),
  list(
    "group.consumer.assignors",
    "uniform,range",
    "Server-side assignors, the first one is the default.",
    atStart,
    anyList
  ),
  string(
    "group.consumer.migration.policy",
    "bidirectional",
    "Which way groups may change their protocol.",
    atStart,
    oneOfIgnoringCase("DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL")
  ),
  int(
    "group.consumer.assignment.interval.ms",
    "1000",
    "Least milliseconds between two assignments.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  int(
    "group.consumer.min.assignment.interval.ms",
    "0",
    "Smallest assignment interval of a group.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  int(
    "group.consumer.max.assignment.interval.ms",
    "15000",
    "Largest assignment interval of a group.",
    noEffect.whenNeeded,
    atLeast(0)
  ),
  internal(
    int(
      "group.consumer.regex.refresh.interval.ms",
      "600000",
      "Milliseconds between two searches of topics.",
      noEffect.whenNeeded,
      atLeast(10000)
    )
  )
]

/** Classic and consumer groups, offsets. */
export const groupKeys = [
  ...classicKeys,
  ...consumerKeys
]
