import { int } from "../ConfigDef.ts"
import { atLeast, between } from "../ConfigValidator.ts"
import { noEffect } from "../SettingEffect.ts"

const intMax = "2147483647"

/** Share groups (KIP-932) and streams groups (KIP-1071). Source: ShareGroupConfig, GroupCoordinatorConfig. */
export const shareAndStreamsKeys = [
  int(
    "group.share.session.timeout.ms",
    "45000",
    "Session timeout of share group members.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "group.share.min.session.timeout.ms",
    "45000",
    "Smallest session timeout of a share group.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "group.share.max.session.timeout.ms",
    "60000",
    "Largest session timeout of a share group.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "group.share.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval of share group members.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "group.share.min.heartbeat.interval.ms",
    "5000",
    "Smallest heartbeat interval of a share group.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "group.share.max.heartbeat.interval.ms",
    "15000",
    "Largest heartbeat interval of a share group.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int("group.share.max.size", "200", "Most members of a share group.", noEffect.noShareGroups, between(1, 1000)),
  int(
    "group.share.assignment.interval.ms",
    "1000",
    "Least milliseconds between two assignments.",
    noEffect.noShareGroups,
    atLeast(0)
  ),
  int(
    "group.share.min.assignment.interval.ms",
    "0",
    "Smallest assignment interval of a share group.",
    noEffect.noShareGroups,
    atLeast(0)
  ),
  int(
    "group.share.max.assignment.interval.ms",
    "15000",
    "Largest assignment interval of a share group.",
    noEffect.noShareGroups,
    atLeast(0)
  ),
  int(
    "group.share.delivery.count.limit",
    "5",
    "Deliveries of a record before it is given up.",
    noEffect.noShareGroups,
    between(2, 10)
  ),
  int(
    "group.share.min.delivery.count.limit",
    "2",
    "Smallest delivery count limit of a group.",
    noEffect.noShareGroups,
    between(2, 5)
  ),
  int(
    "group.share.max.delivery.count.limit",
    "10",
    "Largest delivery count limit of a group.",
    noEffect.noShareGroups,
    between(5, 25)
  ),
  int(
    "group.share.record.lock.duration.ms",
    "30000",
    "Milliseconds a record is locked.",
    noEffect.noShareGroups,
    between(1000, 3600000)
  ),
  int(
    "group.share.min.record.lock.duration.ms",
    "15000",
    "Smallest lock duration of a group.",
    noEffect.noShareGroups,
    between(1000, 30000)
  ),
  int(
    "group.share.max.record.lock.duration.ms",
    "60000",
    "Largest lock duration of a group.",
    noEffect.noShareGroups,
    between(30000, 3600000)
  ),
  int(
    "group.share.partition.max.record.locks",
    "2000",
    "Most locked records per partition.",
    noEffect.noShareGroups,
    between(100, 10000)
  ),
  int(
    "group.share.min.partition.max.record.locks",
    "100",
    "Smallest lock limit of a group.",
    noEffect.noShareGroups,
    between(100, 2000)
  ),
  int(
    "group.share.max.partition.max.record.locks",
    "4000",
    "Largest lock limit of a group.",
    noEffect.noShareGroups,
    between(2000, 10000)
  ),
  int(
    "group.streams.session.timeout.ms",
    "45000",
    "Session timeout of streams group members.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "group.streams.min.session.timeout.ms",
    "45000",
    "Smallest session timeout of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "group.streams.max.session.timeout.ms",
    "60000",
    "Largest session timeout of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "group.streams.heartbeat.interval.ms",
    "5000",
    "Heartbeat interval of streams group members.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "group.streams.min.heartbeat.interval.ms",
    "5000",
    "Smallest heartbeat interval of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int(
    "group.streams.max.heartbeat.interval.ms",
    "15000",
    "Largest heartbeat interval of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(1)
  ),
  int("group.streams.max.size", intMax, "Most members of a streams group.", noEffect.noStreamsGroups, atLeast(1)),
  int(
    "group.streams.num.standby.replicas",
    "0",
    "Standby replicas of each streams task.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "group.streams.max.standby.replicas",
    "2",
    "Most standby replicas of a streams group.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "group.streams.initial.rebalance.delay.ms",
    "3000",
    "Milliseconds a new streams group waits.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "group.streams.assignment.interval.ms",
    "1000",
    "Least milliseconds between two assignments.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "group.streams.min.assignment.interval.ms",
    "0",
    "Smallest assignment interval of a group.",
    noEffect.noStreamsGroups,
    atLeast(0)
  ),
  int(
    "group.streams.max.assignment.interval.ms",
    "15000",
    "Largest assignment interval of a group.",
    noEffect.noStreamsGroups,
    atLeast(0)
  )
]
