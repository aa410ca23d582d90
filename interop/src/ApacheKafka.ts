import { spawn } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import type { Broker } from "./Broker.ts"
import { ensureKafkaJars, jvmFlags, kafkaClasspath } from "./KafkaJars.ts"
import { runKafkaTool } from "./KafkaTools.ts"
import { makeWorkFolder } from "./Paths.ts"
import { endProcess, freePorts, waitForPort } from "./Process.ts"

export interface ApacheKafkaOptions {
  /** Holds `data` and `server.properties`; a new folder when absent, an old one is started again as it is. */
  readonly folder?: string
  /** A free one when absent. */
  readonly port?: number
  readonly autoCreateTopics?: boolean
  /** Further lines of `server.properties`, which win over the ones chosen here. */
  readonly properties?: Readonly<Record<string, string>>
  readonly logLevel?: string
}

/** The same for every node made here, so that it needs no comparing. */
const clusterId = "4L6g3nShT-eMCtK--X86sw"

const serverProperties = (options: ApacheKafkaOptions, folder: string, port: number, controllerPort: number) => ({
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
  "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
  "controller.listener.names": "CONTROLLER",
  "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
  "log.dirs": `${folder}/data`,
  "num.network.threads": "2",
  "num.io.threads": "2",
  ...(options.autoCreateTopics === undefined ? {} : { "auto.create.topics.enable": String(options.autoCreateTopics) }),
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "group.initial.rebalance.delay.ms": "0",
  "log.cleaner.dedupe.buffer.size": "4194304",
  ...options.properties
})

const formatStorage = async (file: string): Promise<void> => {
  const result = await runKafkaTool("kafka-storage", ["format", "-t", clusterId, "-c", file])
  if (result.code !== 0) throw new Error(`kafka-storage format failed:\n${result.stdout}${result.stderr}`)
}

/** Starts a single combined KRaft node of Apache Kafka on free ports and waits until it serves. */
export const startApacheKafka = async (options: ApacheKafkaOptions = {}): Promise<Broker> => {
  await ensureKafkaJars()
  const folder = options.folder ?? makeWorkFolder("apache-kafka")
  mkdirSync(folder, { recursive: true })
  const [freePort, controllerPort] = (await freePorts(2)) as [number, number]
  const port = options.port ?? freePort
  const file = `${folder}/server.properties`
  const lines = Object.entries(serverProperties(options, folder, port, controllerPort))
  writeFileSync(file, lines.map(([key, value]) => `${key}=${value}\n`).join(""))
  if (!existsSync(`${folder}/data/meta.properties`)) await formatStorage(file)
  const child = spawn("java", [
    ...jvmFlags(384),
    `-Dorg.slf4j.simpleLogger.defaultLogLevel=${options.logLevel ?? "warn"}`,
    "-Dlog4j2.statusLoggerLevel=OFF",
    "-cp",
    kafkaClasspath(),
    "kafka.Kafka",
    file
  ], { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => output += chunk.toString())
  child.stderr.on("data", (chunk: Buffer) => output += chunk.toString())
  const broker: Broker = {
    name: "Apache Kafka",
    host: "127.0.0.1",
    port,
    dataDir: `${folder}/data`,
    log: () => output,
    stop: () => endProcess(child, "SIGTERM"),
    kill: () => endProcess(child, "SIGKILL")
  }
  try {
    await waitForPort({ child, port, timeoutMs: 60_000, log: broker.log })
  } catch (error) {
    await broker.kill()
    throw error
  }
  return broker
}
