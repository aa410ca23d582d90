import type { Socket } from "node:net"
import type { ProduceLoad, RunOrder, RunResult } from "./Load.ts"
import { Meter } from "./Meter.ts"
import { ProduceSender } from "./ProduceSender.ts"
import { makeBatch, ProduceTemplate } from "./ProduceTemplate.ts"
import { createTopic, deleteTopic, openSocket } from "./Wire.ts"

/** Connections opened at the same time. */
const connectsAtOnce = 100

export const openSockets = async (port: number, count: number): Promise<Array<Socket>> => {
  const sockets: Array<Socket> = []
  while (sockets.length < count) {
    const more = Math.min(connectsAtOnce, count - sockets.length)
    sockets.push(...await Promise.all(Array.from({ length: more }, () => openSocket(port))))
  }
  return sockets
}

/** A fixed number of requests under way on every connection, to all partitions in turn. */
export const runProduce = async (order: RunOrder, load: ProduceLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  await createTopic(order.port, order.topic, load.partitions, load.configs)
  // What a partition's first batch costs, files among it, is not what is measured.
  await fill(order, load.partitions, 1, makeBatch(load))
  const template = new ProduceTemplate(order.topic, makeBatch(load), load.acks)
  const sockets = await openSockets(order.port, load.connections)
  const senders = sockets.map((socket, index) =>
    new ProduceSender({
      socket,
      template,
      partitions: load.partitions,
      firstPartition: index * load.inFlight,
      onAnswer: (latencyMs) => meter.latency.add(latencyMs),
      onChunkEnd: (sender, answers) => {
        meter.add(answers, answers * load.recordsPerBatch, answers * load.recordsPerBatch * load.recordBytes)
        if (!meter.isOver) sender.send(answers)
      },
      onError: meter.onError
    })
  )
  try {
    for (const sender of senders) sender.send(load.inFlight)
    return await meter.timed()
  } finally {
    meter.isOver = true
    for (const sender of senders) sender.close()
    await deleteTopic(order.port, order.topic)
  }
}

/** Writes `batches` batches to each partition. */
export const fill = async (
  order: RunOrder,
  partitions: number,
  batches: number,
  batch: Uint8Array
): Promise<void> => {
  const template = new ProduceTemplate(order.topic, batch, 1)
  const socket = await openSocket(order.port)
  const total = partitions * batches
  await new Promise<void>((resolve, reject) => {
    const sender = new ProduceSender({
      socket,
      template,
      partitions,
      firstPartition: 0,
      onAnswer: () => undefined,
      onChunkEnd: (self, answers) => {
        self.send(Math.min(answers, total - self.sent))
        if (self.answered === total) resolve()
      },
      onError: reject
    })
    sender.send(Math.min(8, total))
  })
  socket.destroy()
}
