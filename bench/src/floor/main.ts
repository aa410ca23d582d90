/**
 * The floor: what Node can do at best with the same work. Plain `node:net` and functions: frames, request header,
 * Produce and Fetch decoded by hand, CRC-32C and every record checked, offsets assigned, one write per partition and one
 * write per connection in each tick. No Effect, no authorisation, no indexes, no recovery.
 *
 * `node floor.js --port P --data-dir D [--durability page-cache|sync|sync-each]`
 */
import { createServer } from "node:net"
import { parseArgs } from "node:util"
import { useCrc32c } from "../../../packages/core/src/protocol/wire/Crc32c.ts"
import { loadNativeCrc32c } from "../../../packages/node-server/src/loadNativeCrc32c.ts"
import { control } from "./control.ts"
import { fetch } from "./fetch.ts"
import { FloorConnection } from "./FloorConnection.ts"
import type { FloorDurability, FloorPartition } from "./FloorPartition.ts"
import { FloorReader } from "./FloorReader.ts"
import { FloorTopics } from "./FloorTopics.ts"
import { produce } from "./produce.ts"

const { values } = parseArgs({
  options: {
    "port": { type: "string", default: "0" },
    "data-dir": { type: "string" },
    "durability": { type: "string", default: "page-cache" }
  }
})
const port = Number(values.port)

let partitions: Array<FloorPartition> = []
let connections: Array<FloorConnection> = []
let isScheduled = false

const schedule = (): void => {
  if (isScheduled) return
  isScheduled = true
  setImmediate(tick)
}

/** Everything that arrived in this poll phase: first the files, then the answers that the writes have completed. */
const tick = (): void => {
  isScheduled = false
  const written = partitions
  partitions = []
  for (const partition of written) partition.flush()
  const answered = connections
  connections = []
  for (const connection of answered) connection.flush()
}

const topics = new FloorTopics(values["data-dir"]!, values.durability as FloorDurability, (partition) => {
  partitions.push(partition)
  schedule()
})
const reader = new FloorReader()

const onFrame = (connection: FloorConnection, frame: Uint8Array): void => {
  reader.reset(frame, 0)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const isHot = (apiKey === 0 && apiVersion >= 9 && apiVersion <= 12) || (apiKey === 1 && apiVersion === 12)
  if (!isHot) return connection.answer(connection.slot(), control(topics, port, frame))
  reader.skip(Math.max(0, reader.int16()))
  reader.skipTags()
  if (apiKey === 0) produce(connection, topics, reader, correlationId)
  else fetch(connection, topics, reader, correlationId)
}

const server = createServer((socket) => {
  new FloorConnection(socket, onFrame, (connection) => {
    connections.push(connection)
    schedule()
  })
})
server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => console.log(`floor ready on ${port}`))
// The same as the broker's, so that the ratio shows everything else.
useCrc32c(await loadNativeCrc32c())
process.on("SIGTERM", () => process.exit(0))
