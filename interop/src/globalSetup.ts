import type { TestProject } from "vitest/node"
import { startApacheKafka } from "./ApacheKafka.ts"
import { bootstrapOf, type Broker } from "./Broker.ts"
import { startOurBroker } from "./OurBroker.ts"
import { prepareClients } from "./Prerequisites.ts"

declare module "vitest" {
  interface ProvidedContext {
    bootstrap: string
    /** The broker's data folder, empty when the broker is not on this machine. */
    dataDir: string
    /** Clients that cannot run on this machine: their suites are skipped, and the run names them. */
    missingClients: ReadonlyArray<string>
  }
}

/** Gives the suites an address: a broker that already runs (`INTEROP_BOOTSTRAP`), Apache Kafka, or ours. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const missing = project.name === "interop" ? await prepareClients() : []
  for (const { name, reason } of missing) process.stderr.write(`missing: ${name}: ${reason}\n`)
  project.provide("missingClients", missing.map(({ name }) => name))
  const running = process.env["INTEROP_BOOTSTRAP"]
  if (running !== undefined) {
    project.provide("bootstrap", running)
    project.provide("dataDir", process.env["INTEROP_DATA_DIR"] ?? "")
    return undefined
  }
  const broker: Broker = await (process.env["INTEROP_TARGET"] === "apache" ? startApacheKafka() : startOurBroker())
  project.provide("bootstrap", bootstrapOf(broker))
  project.provide("dataDir", broker.dataDir)
  return broker.stop
}
