import { paths } from "../Paths.ts"
import { bundle } from "./bundle.ts"
import type { System } from "./System.ts"

/** A program of this repository, bundled into one file. */
export const nodeSystem = (name: string, entry: string, args: ReadonlyArray<string>): System => {
  let file = ""
  return {
    name,
    prepare: async () => {
      file = await bundle(entry, name)
    },
    command: (port, dataDir) =>
      Promise.resolve([
        process.execPath,
        ...(process.env["BENCH_NODE_FLAGS"]?.split(" ").filter((flag) => flag !== "") ?? []),
        file,
        ...args,
        "--port",
        String(port),
        "--data-dir",
        `${dataDir}/data`
      ])
  }
}

/** Plain `node:net`: what the runtime allows. */
export const floor: System = {
  ...nodeSystem("floor", paths.floor, []),
  serves: (load) => load.kind !== "heartbeat" && load.kind !== "client"
}

/** What Kafka promises with acks=all: the others do the same. Loads named `synced` ask all systems for syncs. */
const pageCache = ["--set", "kafka.broker.acks.all.durability=page-cache"]

/** The broker of this repository, in one file. */
export const kafkaBroker: System = {
  ...nodeSystem("kafka-broker", paths.broker, ["start", ...pageCache]),
  recovers: true
}
