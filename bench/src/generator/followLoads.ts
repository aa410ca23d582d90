import { Fetcher } from "./Fetcher.ts"
import type { FanOutLoad, LatencyLoad, RunOrder, RunResult } from "./Load.ts"
import { Meter } from "./Meter.ts"
import { openSockets } from "./produceLoad.ts"
import { ProduceSender } from "./ProduceSender.ts"
import { makeBatch, ProduceTemplate } from "./ProduceTemplate.ts"
import { createTopic, deleteTopic, openSocket } from "./Wire.ts"

const followWaitMs = 500
const followBytes = 1024 * 1024
/** Batches the producer may be ahead of the slowest consumer. */
const leadBatchesMax = 64
/** Send times kept; more than are ever under way. */
const ringSize = 1 << 16

/** A producer at a fixed rate and a consumer that follows: the time of each batch from being sent to being received. */
export const runLatency = async (order: RunOrder, load: LatencyLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  await createTopic(order.port, order.topic, load.partitions, load.configs)
  const batch = makeBatch(load)
  const sendTimes = Array.from({ length: load.partitions }, () => new Float64Array(ringSize))
  const sender = new ProduceSender({
    socket: await openSocket(order.port),
    template: new ProduceTemplate(order.topic, batch, load.acks),
    partitions: load.partitions,
    firstPartition: 0,
    onAnswer: () => undefined,
    onChunkEnd: () => undefined,
    onError: meter.onError
  })
  const sockets = await openSockets(order.port, load.partitions)
  const fetchers = sockets.map((socket, partition) => {
    let received = 0
    return new Fetcher({
      socket,
      topic: order.topic,
      partition,
      maxWaitMs: followWaitMs,
      fetchBytes: followBytes,
      batchBytes: batch.length,
      recordsPerBatch: load.recordsPerBatch,
      onFetched: (self, { batches }) => {
        const now = performance.now()
        for (let index = 0; index < batches; index++) {
          meter.latency.add(now - sendTimes[partition]![received++ & (ringSize - 1)]!)
        }
        const records = batches * load.recordsPerBatch
        meter.add(batches, records, records * load.recordBytes)
        if (!self.isClosed) self.ask(received * load.recordsPerBatch)
      },
      onError: meter.onError
    })
  })
  for (const fetcher of fetchers) fetcher.ask(0)
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const due = Math.floor((now - startedAt) / 1000 * load.ratePerSecond)
    for (let count = sender.sent; count < due; count++) {
      sendTimes[count % load.partitions]![Math.floor(count / load.partitions) & (ringSize - 1)] = now
    }
    sender.send(due - sender.sent)
  }, 1)
  try {
    return await meter.timed()
  } finally {
    meter.isOver = true
    clearInterval(timer)
    for (const fetcher of fetchers) fetcher.close()
    sender.close()
    await deleteTopic(order.port, order.topic)
  }
}

/** One producer and many consumers of one partition; what counts is what the consumers receive. */
export const runFanOut = async (order: RunOrder, load: FanOutLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  await createTopic(order.port, order.topic, 1)
  const batch = makeBatch(load)
  const sendTimes = new Float64Array(ringSize)
  const received = Array.from({ length: load.consumers }, () => 0)
  const mayProduce = (): void => {
    if (meter.isOver) return
    const slowest = received.reduce((least, count) => Math.min(least, count))
    const count = Math.min(load.inFlight - (sender.sent - sender.answered), slowest + leadBatchesMax - sender.sent)
    const now = performance.now()
    for (let index = 0; index < count; index++) sendTimes[(sender.sent + index) & (ringSize - 1)] = now
    sender.send(count)
  }
  const sender: ProduceSender = new ProduceSender({
    socket: await openSocket(order.port),
    template: new ProduceTemplate(order.topic, batch, 1),
    partitions: 1,
    firstPartition: 0,
    onAnswer: () => undefined,
    onChunkEnd: mayProduce,
    onError: meter.onError
  })
  const fetchers = (await openSockets(order.port, load.consumers)).map((socket, consumer) =>
    new Fetcher({
      socket,
      topic: order.topic,
      partition: 0,
      maxWaitMs: followWaitMs,
      fetchBytes: followBytes,
      batchBytes: batch.length,
      recordsPerBatch: load.recordsPerBatch,
      onFetched: (self, { batches }) => {
        const now = performance.now()
        for (let index = 0; index < batches; index++) {
          meter.latency.add(now - sendTimes[received[consumer]!++ & (ringSize - 1)]!)
        }
        const records = batches * load.recordsPerBatch
        meter.add(1, records, records * load.recordBytes)
        if (self.isClosed) return
        self.ask(received[consumer]! * load.recordsPerBatch)
        mayProduce()
      },
      onError: meter.onError
    })
  )
  try {
    for (const fetcher of fetchers) fetcher.ask(0)
    mayProduce()
    return await meter.timed()
  } finally {
    meter.isOver = true
    for (const fetcher of fetchers) fetcher.close()
    sender.close()
    await deleteTopic(order.port, order.topic)
  }
}
