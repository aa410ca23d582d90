import { fileURLToPath } from "node:url"
import type { Client, ClientFigures } from "./Client.ts"

const program = fileURLToPath(new URL("./platformatic/main.ts", import.meta.url))

const platformatic = (role: "produce" | "consume"): Client => ({
  prepare: () => Promise.resolve(),
  command: ({ records, recordBytes, acks }, port, topic) => [
    ...[process.execPath, program, role, String(port), topic, String(records), String(recordBytes), String(acks)]
  ],
  parse: (output) => {
    const line = output.trim().split("\n").at(-1)!
    return line.startsWith("{") ? JSON.parse(line) as ClientFigures : undefined
  }
})

/** `@platformatic/kafka`, the newest client in JavaScript: sends of 100 records, 5 under way. */
export const platformaticProducer = platformatic("produce")

/** `@platformatic/kafka`: a stream of one group member; counted from the first record. */
export const platformaticConsumer = platformatic("consume")
