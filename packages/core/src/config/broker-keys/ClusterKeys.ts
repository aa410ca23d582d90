import { boolean, className, int, internal, list, long, short, string } from "../ConfigDef.ts"
import { anyList, atLeast, builtInClass } from "../ConfigValidator.ts"
import { atStart, noEffect } from "../SettingEffect.ts"

/** Replication, the controller quorum and quotas: read by tools, and by this broker when it is one of several. */
const clusterOnlyKeys = [
  int("default.replication.factor", "1", "Replicas of a topic created without a replication factor.", atStart),
  long(
    "replica.lag.time.max.ms",
    "30000",
    "Milliseconds after which a lagging replica is out of sync.",
    noEffect.oneBroker
  ),
  int(
    "replica.socket.timeout.ms",
    "30000",
    "Milliseconds a replica waits for its leader's answer.",
    noEffect.oneBroker
  ),
  int("replica.socket.receive.buffer.bytes", "65536", "Receive buffer of replication in bytes.", noEffect.oneBroker),
  int(
    "replica.fetch.max.bytes",
    "1048576",
    "Most bytes per partition of a replica's fetch.",
    noEffect.oneBroker,
    atLeast(0)
  ),
  int("replica.fetch.wait.max.ms", "500", "Milliseconds a replica's fetch may wait for data.", noEffect.oneBroker),
  int(
    "replica.fetch.backoff.ms",
    "1000",
    "Milliseconds a replica waits after an error.",
    noEffect.oneBroker,
    atLeast(0)
  ),
  int("replica.fetch.min.bytes", "1", "Bytes a replica's fetch waits for.", noEffect.oneBroker),
  int(
    "replica.fetch.response.max.bytes",
    "10485760",
    "Most bytes of a replica's fetch.",
    noEffect.oneBroker,
    atLeast(0)
  ),
  int("num.replica.fetchers", "1", "Fetchers per leading broker.", noEffect.oneBroker, atLeast(1)),
  long(
    "replica.high.watermark.checkpoint.interval.ms",
    "5000",
    "Milliseconds between high watermark checkpoints.",
    noEffect.oneBroker
  ),
  string("replica.selector.class", null, "Class that selects the replica a consumer reads from.", noEffect.noPlugIns),
  boolean(
    "auto.leader.rebalance.enable",
    "true",
    "Whether leadership returns to preferred replicas by itself.",
    noEffect.oneBroker
  ),
  long(
    "leader.imbalance.check.interval.seconds",
    "300",
    "Seconds between leader balance checks.",
    noEffect.oneBroker,
    atLeast(1)
  ),
  int("broker.heartbeat.interval.ms", "2000", "Milliseconds between heartbeats to the controller.", noEffect.oneBroker),
  int(
    "broker.session.timeout.ms",
    "9000",
    "Milliseconds without heartbeat after which a broker is fenced.",
    noEffect.oneBroker
  ),
  int("initial.broker.registration.timeout.ms", "60000", "Milliseconds a registration may take.", noEffect.oneBroker),
  list(
    "controller.listener.names",
    "CONTROLLER",
    "Listeners of the controller; none is opened here.",
    atStart,
    anyList
  ),
  list("controller.quorum.voters", "", "Members of the controller quorum, as id@host:port.", noEffect.ownLogOfMetadata),
  list(
    "controller.quorum.bootstrap.servers",
    "",
    "Addresses at which the controller quorum is found.",
    noEffect.ownLogOfMetadata
  ),
  int(
    "controller.quorum.election.timeout.ms",
    "1000",
    "Milliseconds an election may take.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int(
    "controller.quorum.election.backoff.max.ms",
    "1000",
    "Milliseconds before another election.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int(
    "controller.quorum.fetch.timeout.ms",
    "2000",
    "Milliseconds without fetch before an election.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int(
    "controller.quorum.append.linger.ms",
    "25",
    "Milliseconds metadata records wait for a batch.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int(
    "controller.quorum.request.timeout.ms",
    "2000",
    "Milliseconds a quorum request may take.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int(
    "controller.quorum.retry.backoff.ms",
    "20",
    "Milliseconds before a quorum request is retried.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  boolean(
    "controller.quorum.auto.join.enable",
    "false",
    "Whether a new controller joins the quorum by itself.",
    noEffect.ownLogOfMetadata
  ),
  int("controller.socket.timeout.ms", "30000", "Milliseconds the controller waits for a broker.", noEffect.oneBroker),
  string("metadata.log.dir", null, "Directory of the metadata log, when it is not the first log directory.", atStart),
  long(
    "metadata.log.max.record.bytes.between.snapshots",
    "20971520",
    "Bytes of metadata between snapshots.",
    noEffect.metadataIsKept,
    atLeast(1)
  ),
  long(
    "metadata.log.max.snapshot.interval.ms",
    "3600000",
    "Milliseconds between metadata snapshots.",
    noEffect.metadataIsKept,
    atLeast(0)
  ),
  int(
    "metadata.log.segment.bytes",
    "1073741824",
    "Segment size in bytes of the metadata log.",
    noEffect.metadataIsKept,
    atLeast(8388608)
  ),
  long(
    "metadata.log.segment.ms",
    "604800000",
    "Age at which a new metadata segment is begun.",
    noEffect.metadataIsKept
  ),
  long(
    "metadata.max.retention.bytes",
    "104857600",
    "Bytes of metadata log and snapshots kept.",
    noEffect.metadataIsKept
  ),
  long(
    "metadata.max.retention.ms",
    "604800000",
    "Age in milliseconds of metadata log and snapshots kept.",
    noEffect.metadataIsKept
  ),
  int(
    "metadata.max.idle.interval.ms",
    "500",
    "Milliseconds between no-op records of an idle controller.",
    noEffect.ownLogOfMetadata,
    atLeast(0)
  ),
  int("quota.window.num", "11", "Samples kept for client quotas.", noEffect.noQuotas, atLeast(1)),
  int("quota.window.size.seconds", "1", "Seconds of one sample of client quotas.", noEffect.noQuotas, atLeast(1)),
  int("replication.quota.window.num", "11", "Samples kept for replication quotas.", noEffect.noQuotas, atLeast(1)),
  int(
    "replication.quota.window.size.seconds",
    "1",
    "Seconds of one sample of replication quotas.",
    noEffect.noQuotas,
    atLeast(1)
  ),
  int("controller.quota.window.num", "11", "Samples kept for controller quotas.", noEffect.noQuotas, atLeast(1)),
  int(
    "controller.quota.window.size.seconds",
    "1",
    "Seconds of one sample of controller quotas.",
    noEffect.noQuotas,
    atLeast(1)
  ),
  int(
    "share.coordinator.state.topic.num.partitions",
    "50",
    "Partitions of the share state topic.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  short(
    "share.coordinator.state.topic.replication.factor",
    "1",
    "Replicas of the share state topic.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  short(
    "share.coordinator.state.topic.min.isr",
    "1",
    "In-sync replicas the share state topic needs.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int(
    "share.coordinator.state.topic.segment.bytes",
    "104857600",
    "Segment size of the share state topic.",
    noEffect.noShareGroups,
    atLeast(1)
  ),
  int("metrics.num.samples", "2", "Samples kept for a metric.", noEffect.noMetrics, atLeast(1)),
  long("metrics.sample.window.ms", "30000", "Milliseconds of one sample of a metric.", noEffect.noMetrics, atLeast(1)),
  string("metrics.recording.level", "INFO", "Highest recording level of metrics.", noEffect.noMetrics),
  internal(
    boolean(
      "unstable.api.versions.enable",
      "false",
      "Whether unfinished API versions are offered.",
      noEffect.finishedOnly
    )
  ),
  internal(
    boolean(
      "unstable.feature.versions.enable",
      "false",
      "Whether unfinished features are offered.",
      noEffect.finishedOnly
    )
  )
]

const standardAuthorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"

/** Who may do what; the plug-in classes are those whose behaviour is built in. Source: ServerConfigs, AclAuthorizer. */
const securityKeys = [
  string(
    "authorizer.class.name",
    "",
    "Authorizer; empty allows everything, StandardAuthorizer follows ACLs.",
    atStart,
    builtInClass(standardAuthorizer)
  ),
  className(
    "principal.builder.class",
    "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
    "Class that names the principal of a connection.",
    noEffect.plainTcp,
    builtInClass("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")
  ),
  className(
    "create.topic.policy.class.name",
    null,
    "Policy that may refuse new topics.",
    noEffect.noPlugIns,
    builtInClass()
  ),
  className(
    "alter.config.policy.class.name",
    null,
    "Policy that may refuse changed configs.",
    noEffect.noPlugIns,
    builtInClass()
  ),
  className(
    "client.quota.callback.class",
    null,
    "Class that decides client quotas.",
    noEffect.noQuotas,
    builtInClass()
  ),
  list("sasl.enabled.mechanisms", "GSSAPI", "SASL mechanisms offered to clients.", noEffect.plainTcp, anyList),
  string("ssl.client.auth", "none", "Whether TLS clients must show a certificate.", noEffect.plainTcp),
  string("super.users", "", "Principals that may do everything, as User:a;User:b.", atStart),
  boolean(
    "allow.everyone.if.no.acl.found",
    "false",
    "Whether a resource without any ACL is open to everyone.",
    atStart
  ),
  string(
    "kafka.broker.acl.file",
    null,
    "JSON file with the ACL bindings that hold (a setting of this broker).",
    atStart
  )
]

/** Cluster, controller, quota, metrics and security settings. */
export const clusterKeys = [...clusterOnlyKeys, ...securityKeys]
