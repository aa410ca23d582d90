import type { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { ApiVersions } from "../../../packages/core/src/protocol/apis/ApiVersions.ts"
import type { ColdPartitionsLoad, IdleLoad, RunOrder, RunResult } from "./Load.ts"
import { Meter } from "./Meter.ts"
import { rssBytesOf } from "./ProcessUsage.ts"
import { openSockets } from "./produceLoad.ts"
import { ask, createTopic, deleteTopic } from "./Wire.ts"

/** Time for a broker to settle before its memory is read. */
const settleMs = 1_500

/** Opened and closed before the first reading, so that compiled code and the heap's first growth are not counted. */
const warmUpConnections = 250
const warmUpPartitions = 50

export const openAndAsk = async (port: number, count: number): Promise<Array<Socket>> => {
  const sockets = await openSockets(port, count)
  for (const socket of sockets) await ask(socket, ApiVersions, 0, { clientSoftwareName: "", clientSoftwareVersion: "" })
  return sockets
}

/** Growth of resident memory per connection that has asked for ApiVersions and then idles. */
export const runIdle = async (order: RunOrder, load: IdleLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  for (const socket of await openAndAsk(order.port, warmUpConnections)) socket.destroy()
  await delay(settleMs)
  const before = rssBytesOf(order.pid)
  meter.begin()
  const sockets = await openAndAsk(order.port, load.connections)
  meter.add(sockets.length, 0, 0)
  await delay(settleMs)
  const result = meter.end()
  for (const socket of sockets) socket.destroy()
  return { ...result, bytesEach: (result.rssBytes - before) / load.connections }
}

/** Growth of resident memory per partition that exists and is never used. */
export const runColdPartitions = async (order: RunOrder, load: ColdPartitionsLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  await createTopic(order.port, `${order.topic}-first`, warmUpPartitions, {}, false)
  await deleteTopic(order.port, `${order.topic}-first`)
  await delay(settleMs)
  const before = rssBytesOf(order.pid)
  meter.begin()
  await createTopic(order.port, order.topic, load.partitions, {}, false)
  await delay(settleMs)
  const result = meter.end()
  await deleteTopic(order.port, order.topic)
  return { ...result, bytesEach: (result.rssBytes - before) / load.partitions }
}
