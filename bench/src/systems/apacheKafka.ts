import { mkdirSync, writeFileSync } from "node:fs"
import { ensureKafkaJars, kafkaClasspath } from "../../../interop/src/KafkaJars.ts"
import { runKafkaTool } from "../../../interop/src/KafkaTools.ts"
import { freePorts } from "../../../interop/src/Process.ts"
import type { System } from "./System.ts"

/** Kafka's own defaults, with threads for two cores, one replica of everything, and deleted topics gone at once. */
const properties = (port: number, controllerPort: number, dataDir: string): Readonly<Record<string, string>> => ({
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
  "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
  "controller.listener.names": "CONTROLLER",
  "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
  "log.dirs": `${dataDir}/data`,
  "num.network.threads": "2",
  "num.io.threads": "2",
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "log.segment.delete.delay.ms": "0",
  "group.initial.rebalance.delay.ms": "0"
})

/** What `kafka-server-start` and `kafka-run-class` give to the JVM. */
const jvmFlags = [
  "-Xms1g",
  "-Xmx1g",
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dlog4j2.statusLoggerLevel=OFF"
]

/** Apache Kafka of the version in `interop/java/pom.xml`, one combined KRaft node. */
export const apacheKafka: System = {
  name: "apache-kafka",
  recovers: true,
  prepare: ensureKafkaJars,
  command: async (port, dataDir) => {
    // Nothing listens on the broker's own port yet, so it may be offered again.
    const controllerPort = (await freePorts(2)).find((free) => free !== port)!
    const file = `${dataDir}/server.properties`
    mkdirSync(`${dataDir}/data`, { recursive: true })
    const lines = Object.entries(properties(port, controllerPort, dataDir)).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(file, lines.join(""))
    const formatted = await runKafkaTool("kafka-storage", ["format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", file])
    if (formatted.code !== 0) throw new Error(`kafka-storage format failed:\n${formatted.stdout}${formatted.stderr}`)
    return ["java", ...jvmFlags, "-cp", kafkaClasspath(), "kafka.Kafka", file]
  }
}
