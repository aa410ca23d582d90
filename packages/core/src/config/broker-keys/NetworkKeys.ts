import { boolean, int, list, long, string } from "../ConfigDef.ts"
import { anyList, atLeast, oneOf } from "../ConfigValidator.ts"
import { atOnce, atStart, noEffect } from "../SettingEffect.ts"

const intMax = "2147483647"
const protocolMap = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT"

/** Identity, listeners, sockets, requests and threads. Source: ServerConfigs, SocketServerConfigs, KRaftConfigs. */
export const networkKeys = [
  list("process.roles", "broker,controller", "Roles of this process; it always has both.", atStart),
  int("node.id", "1", "Id of this node.", atStart, atLeast(0)),
  int("broker.id", "-1", "Older name of node.id.", atStart),
  string("broker.rack", null, "Rack of this broker, told to clients.", atStart),
  list("listeners", "PLAINTEXT://127.0.0.1:9092", "Addresses to listen on, as name://host:port.", atStart, anyList),
  list("advertised.listeners", null, "Addresses clients are told to connect to, when they differ.", atStart, anyList),
  string("listener.security.protocol.map", protocolMap, "Security protocol of each listener name.", atStart),
  string("inter.broker.listener.name", null, "Listener that brokers use among themselves.", noEffect.oneBroker),
  string(
    "security.inter.broker.protocol",
    "PLAINTEXT",
    "Security protocol that brokers use among themselves.",
    noEffect.oneBroker,
    oneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
  ),
  list(
    "early.start.listeners",
    null,
    "Listeners that start before the authorizer is ready.",
    noEffect.allAtOnce,
    anyList
  ),
  int(
    "socket.send.buffer.bytes",
    "102400",
    "Send buffer of a socket in bytes; -1 is the system's default.",
    noEffect.systemDecides
  ),
  int(
    "socket.receive.buffer.bytes",
    "102400",
    "Receive buffer of a socket in bytes; -1 is the system's default.",
    noEffect.systemDecides
  ),
  int(
    "socket.request.max.bytes",
    "104857600",
    "Largest request in bytes; a larger one closes the connection.",
    atStart,
    atLeast(1)
  ),
  int(
    "socket.listen.backlog.size",
    "50",
    "Connections the system may hold before they are accepted.",
    atStart,
    atLeast(1)
  ),
  int("max.connections", intMax, "Largest number of connections.", atOnce, atLeast(0)),
  int("max.connections.per.ip", intMax, "Largest number of connections from one address.", atOnce, atLeast(0)),
  string("max.connections.per.ip.overrides", "", "Exceptions to max.connections.per.ip, as address:count.", atOnce),
  int("max.connection.creation.rate", intMax, "Most new connections per second.", noEffect.noQuotas, atLeast(0)),
  long(
    "connections.max.idle.ms",
    "600000",
    "Milliseconds without a request after which a connection is closed.",
    atStart
  ),
  long(
    "connections.max.reauth.ms",
    "0",
    "Milliseconds after which a SASL session must authenticate again.",
    noEffect.plainTcp
  ),
  int(
    "connection.failed.authentication.delay.ms",
    "100",
    "Milliseconds a failed authentication waits for its close.",
    noEffect.plainTcp,
    atLeast(0)
  ),
  int(
    "queued.max.requests",
    "500",
    "Requests that may wait for a request thread; this broker has none.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  long(
    "queued.max.request.bytes",
    "-1",
    "Bytes of requests that may be held, of all connections; -1 is 104 MiB here. Frames up to 64 KiB pass always.",
    atStart
  ),
  int("request.timeout.ms", "30000", "Milliseconds a broker waits for another one's answer.", atStart),
  int(
    "max.request.partition.size.limit",
    "2000",
    "Most partitions in one answer of DescribeTopicPartitions.",
    atStart,
    atLeast(1)
  ),
  int("fetch.max.bytes", "57671680", "Most bytes returned by one fetch.", atStart, atLeast(1024)),
  int(
    "max.incremental.fetch.session.cache.slots",
    "1000",
    "Most incremental fetch sessions kept.",
    atStart,
    atLeast(0)
  ),
  int("fetch.purgatory.purge.interval.requests", "1000", "Waiting fetches between two purges.", noEffect.noPurgatory),
  int(
    "producer.purgatory.purge.interval.requests",
    "1000",
    "Waiting produces between two purges.",
    noEffect.noPurgatory
  ),
  int(
    "delete.records.purgatory.purge.interval.requests",
    "1",
    "Waiting record deletions between two purges.",
    noEffect.noPurgatory
  ),
  int(
    "num.network.threads",
    "3",
    "Network threads; this broker uses one event loop.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  int("num.io.threads", "8", "Request threads; this broker uses one event loop.", noEffect.oneEventLoop, atLeast(1)),
  int(
    "background.threads",
    "10",
    "Background threads; this broker uses one event loop.",
    noEffect.oneEventLoop,
    atLeast(1)
  ),
  int(
    "num.replica.alter.log.dirs.threads",
    null,
    "Threads that move replicas between directories.",
    noEffect.oneDirectory
  ),
  long(
    "socket.connection.setup.timeout.ms",
    "10000",
    "Milliseconds to wait for an outgoing connection.",
    noEffect.oneBroker
  ),
  long(
    "socket.connection.setup.timeout.max.ms",
    "30000",
    "Longest wait for an outgoing connection.",
    noEffect.oneBroker
  ),
  boolean(
    "controlled.shutdown.enable",
    "true",
    "Whether leadership is handed over before a shutdown.",
    noEffect.oneBroker
  ),
  int("telemetry.max.bytes", "1048576", "Most bytes of one client telemetry push.", noEffect.noMetrics, atLeast(1)),
  long(
    "server.max.startup.time.ms",
    "9223372036854775807",
    "Milliseconds a start may take.",
    noEffect.takesAsLongAsNeeded,
    atLeast(0)
  )
]
