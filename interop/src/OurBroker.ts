import { spawn } from "node:child_process"
import type { Broker } from "./Broker.ts"
import { makeWorkFolder, paths } from "./Paths.ts"
import { endProcess, freePorts, waitForPort } from "./Process.ts"

export interface OurBrokerOptions {
  readonly dataDir?: string
  readonly port?: number
  readonly args?: ReadonlyArray<string>
}

/** Starts the broker of this repository as a process of its own and waits until it serves. */
export const startOurBroker = async (options: OurBrokerOptions = {}): Promise<Broker> => {
  const dataDir = options.dataDir ?? `${makeWorkFolder("our-broker")}/data`
  const port = options.port ?? (await freePorts(1))[0]!
  // As the Apache Kafka of these runs: groups do not wait for members that might come.
  const settings = ["--set", "group.initial.rebalance.delay.ms=0"]
  const args = ["start", "--port", String(port), "--data-dir", dataDir, ...settings, ...(options.args ?? [])]
  const child = spawn(process.execPath, [paths.ourBroker, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => output += chunk.toString())
  child.stderr.on("data", (chunk: Buffer) => output += chunk.toString())
  const broker: Broker = {
    name: "kafka-broker",
    host: "127.0.0.1",
    port,
    dataDir,
    log: () => output,
    stop: () => endProcess(child, "SIGTERM"),
    kill: () => endProcess(child, "SIGKILL")
  }
  try {
    await waitForPort({ child, port, timeoutMs: 30_000, log: broker.log })
  } catch (error) {
    await broker.kill()
    throw error
  }
  return broker
}
