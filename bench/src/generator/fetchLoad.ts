import { dropPageCache } from "./dropPageCache.ts"
import { Fetcher } from "./Fetcher.ts"
import type { FetchLoad, RunOrder, RunResult } from "./Load.ts"
import { Meter } from "./Meter.ts"
import { fill, openSockets } from "./produceLoad.ts"
import { makeBatch } from "./ProduceTemplate.ts"
import { createTopic, deleteTopic } from "./Wire.ts"

/** Fills partitions and reads them: hot in circles, or cold once from begin to end. */
export const runFetch = async (order: RunOrder, load: FetchLoad): Promise<RunResult> => {
  const meter = new Meter(order)
  const batch = makeBatch(load)
  const batches = Math.max(1, Math.floor(load.bytesPerPartition / batch.length))
  const perFetch = Math.max(1, Math.floor(load.fetchBytes / batch.length))
  await createTopic(order.port, order.topic, load.partitions)
  await fill(order, load.partitions, batches, batch)
  if (load.isCold === true) dropPageCache(order.dataDir, order.topic)
  const sockets = await openSockets(order.port, load.connections)
  let reading = sockets.length
  let readAll: () => void = () => undefined
  const allRead = new Promise<void>((resolve) => {
    readAll = resolve
  })
  const fetchers = sockets.map((socket, index) => {
    // The requests under way ask for one stretch after the other.
    let next = 0
    let underWay = 0
    const askNext = (fetcher: Fetcher): void => {
      if (next >= batches) {
        if (load.isCold === true) return
        next = 0
      }
      underWay++
      fetcher.ask(next * load.recordsPerBatch)
      next += perFetch
    }
    const fetcher = new Fetcher({
      socket,
      topic: order.topic,
      partition: index % load.partitions,
      maxWaitMs: 0,
      fetchBytes: load.fetchBytes,
      batchBytes: batch.length,
      recordsPerBatch: load.recordsPerBatch,
      onFetched: (self, fetched) => {
        underWay--
        if (fetched.batches === 0) return meter.onError(new Error("a Fetch of written data was empty"))
        const records = fetched.batches * load.recordsPerBatch
        meter.add(1, records, records * load.recordBytes)
        meter.latency.add(fetched.latencyMs)
        if (!meter.isOver) askNext(self)
        if (underWay === 0 && --reading === 0) readAll()
      },
      onError: meter.onError
    })
    return {
      fetcher,
      start: () => {
        for (let count = 0; count < load.inFlight; count++) askNext(fetcher)
      }
    }
  })
  try {
    if (load.isCold === true) meter.begin()
    for (const { start } of fetchers) start()
    if (load.isCold !== true) return await meter.timed()
    await meter.during(allRead)
    return meter.end()
  } finally {
    meter.isOver = true
    for (const { fetcher } of fetchers) fetcher.close()
    await deleteTopic(order.port, order.topic)
  }
}
