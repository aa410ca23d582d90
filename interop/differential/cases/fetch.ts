import { apis } from "@kafka-broker/core/protocol"
import { batch } from "../batches.ts"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body, Probe, Topic } from "../Probe.ts"
import { fetchRequest, produceRequest, produceTo, unknownId, unknownTopic } from "../requests.ts"

const { DeleteRecords, Fetch, Produce } = apis

/** A topic with batches of 2, 1 and 3 records in partition 0. */
const filled = async (probe: Probe, partitions = 1): Promise<Topic> => {
  const topic = await probe.topic({ partitions })
  for (const values of [["a", "b"], ["c"], ["d", "e", "f"]]) {
    await probe.quiet(Produce, 11, produceTo(topic, batch(values)))
  }
  return topic
}

const ranges: ReadonlyArray<Case> = [
  ...eachVersion(Fetch, [4, 18], "from the start, the middle and the end", async (probe, version) => {
    const topic = await filled(probe)
    for (const offset of [0, 1, 2, 4, 6]) {
      await probe.send(Fetch, version, fetchRequest([{ topic, offset }]), { label: `offset ${offset}` })
    }
  }),
  ...eachVersion(Fetch, [4, 18], "out of range, unknown topic and partition", async (probe, version) => {
    const topic = await filled(probe)
    for (const offset of [7, -1, 100]) {
      await probe.send(Fetch, version, fetchRequest([{ topic, offset }]), { label: `offset ${offset}` })
    }
    await probe.send(Fetch, version, fetchRequest([{ topic: unknownTopic }]), { label: "unknown topic" })
    await probe.send(Fetch, version, fetchRequest([{ topic, partition: 4 }]), { label: "unknown partition" })
  }),
  test("Fetch: below the log start", async (probe) => {
    const topic = await filled(probe)
    const partitions = [{ partitionIndex: 0, offset: 3 }]
    await probe.quiet(DeleteRecords, 2, { topics: [{ name: topic.name, partitions }], timeoutMs: 5_000 })
    for (const offset of [0, 2, 3, 4]) {
      await probe.send(Fetch, 12, fetchRequest([{ topic, offset }]), { label: `offset ${offset}` })
    }
  }),
  test("Fetch: several topics and partitions, some of them bad", async (probe) => {
    const [first, second] = [await filled(probe, 2), await filled(probe)]
    const parts = [{ topic: first }, { topic: second, offset: 99 }, { topic: unknownTopic }, {
      topic: second,
      offset: 2
    }]
    await probe.send(Fetch, 12, fetchRequest(parts))
    await probe.send(Fetch, 13, fetchRequest([{ topic: first, partition: 1 }, { topic: { name: "", id: unknownId } }]))
  }),
  test("Fetch: no topics", async (probe) => {
    await probe.send(Fetch, 12, fetchRequest([]))
  }),
  ...eachOf(
    { "1": 1, "80": 80, "200": 200, "0": 0, "-1": -1, "-2147483648": -2_147_483_648 },
    (limit) => `Fetch: partition limit of ${limit} bytes`,
    async (probe, partitionMaxBytes) => {
      const topic = await filled(probe)
      await probe.send(Fetch, 12, fetchRequest([{ topic, partitionMaxBytes }]))
      await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 3, partitionMaxBytes }]))
    }
  ),
  ...eachOf(
    { "0": 0, "1": 1, "100": 100, "260": 260, "-1": -1, "-2147483648": -2_147_483_648 },
    (limit) => `Fetch: request limit of ${limit} bytes over two topics`,
    async (probe, maxBytes) => {
      const [first, second] = [await filled(probe), await filled(probe)]
      await probe.send(Fetch, 12, fetchRequest([{ topic: first }, { topic: second }], { maxBytes }))
    }
  ),
  ...eachOf(
    { "minimum bytes -1": { minBytes: -1 }, "wait -1": { maxWaitMs: -1 }, "both": { minBytes: -5, maxWaitMs: -5 } },
    (what) => `Fetch: ${what}`,
    async (probe, options) => {
      const topic = await filled(probe)
      await probe.send(Fetch, 12, fetchRequest([{ topic }], options))
      await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 6 }], options), { label: "at the end" })
    }
  ),
  test("Fetch: minimum bytes that are there already answer at once", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic }], { minBytes: 50, maxWaitMs: 5_000 }))
  }),
  test("Fetch: waits for the minimum and answers empty when the time is over", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 6 }], { minBytes: 1, maxWaitMs: 200 }))
  }),
  test("Fetch: an error answers at once although the minimum is not there", async (probe) => {
    const topic = await filled(probe)
    const request = fetchRequest([{ topic, offset: 6 }, { topic, offset: 77 }], { minBytes: 1, maxWaitMs: 6_000 })
    await probe.send(Fetch, 12, request)
  })
]

const epochs: ReadonlyArray<Case> = [
  ...eachOf(
    { "-1": -1, "0": 0, "1": 1, "5": 5 },
    (epoch) => `Fetch: current leader epoch ${epoch}`,
    async (probe, currentLeaderEpoch) => {
      const topic = await filled(probe)
      for (const version of [9, 11, 12, 13, 16, 18]) {
        await probe.send(Fetch, version, fetchRequest([{ topic, currentLeaderEpoch }]))
      }
    }
  ),
  ...eachOf(
    { "-1": -1, "0": 0, "1": 1, "7": 7 },
    (epoch) => `Fetch: last fetched epoch ${epoch}`,
    async (probe, lastFetchedEpoch) => {
      const topic = await filled(probe)
      for (const offset of [0, 3, 6, 9]) {
        const request = fetchRequest([{ topic, offset, lastFetchedEpoch }])
        await probe.send(Fetch, 13, request, { label: `offset ${offset}` })
      }
    }
  ),
  ...eachVersion(Fetch, [4, 18], "isolation levels", async (probe, version) => {
    const topic = await filled(probe)
    for (const isolationLevel of [0, 1]) {
      await probe.send(Fetch, version, fetchRequest([{ topic, offset: 3 }], { isolationLevel }))
    }
  })
]

const session = (sessionId: number, sessionEpoch: number, more: Body = {}): Body => ({
  sessionId,
  sessionEpoch,
  ...more
})

const sessions: ReadonlyArray<Case> = [
  ...eachVersion(Fetch, [7, 18], "a session: created, incremental, with news, forgotten", async (probe, version) => {
    const topic = await filled(probe, 2)
    const created = await probe.send(
      Fetch,
      version,
      fetchRequest([{ topic, offset: 6 }, { topic, partition: 1 }], session(0, 0)),
      { label: "created" }
    )
    const id: number = created.sessionId
    await probe.send(Fetch, version, fetchRequest([], session(id, 1)), { label: "nothing new" })
    await probe.quiet(Produce, 11, produceRequest([[topic, 1, batch(["new"])]]))
    await probe.send(Fetch, version, fetchRequest([], session(id, 2)), { label: "records in partition 1" })
    await probe.send(Fetch, version, fetchRequest([{ topic, partition: 1, offset: 1 }], session(id, 3)), {
      label: "moved"
    })
    const forgottenTopicsData = [{ topic: topic.name, topicId: topic.id, partitions: [1] }]
    await probe.quiet(Produce, 11, produceRequest([[topic, 1, batch(["unseen"])]]))
    await probe.send(Fetch, version, fetchRequest([], session(id, 4, { forgottenTopicsData })), { label: "forgotten" })
  }),
  ...eachOf(
    { "epoch 5 of a new session": 5, "epoch 2 of a new session": 2 },
    (name) => `Fetch: ${name}`,
    async (probe, epoch) => {
      const topic = await filled(probe)
      const created = await probe.send(Fetch, 12, fetchRequest([{ topic }], session(0, 0)), { label: "created" })
      await probe.send(Fetch, 12, fetchRequest([], session(created.sessionId, epoch)))
      await probe.send(Fetch, 12, fetchRequest([], session(created.sessionId, 1)), { label: "then epoch 1" })
    }
  ),
  test("Fetch: an unknown session", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic }], session(1_234_567, 1)))
    await probe.send(Fetch, 12, fetchRequest([], session(1_234_567, 1)))
    await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 6 }], session(0, 3)), { label: "id 0, epoch 3" })
  }),
  test("Fetch: a session is closed by epoch -1", async (probe) => {
    const topic = await filled(probe)
    const created = await probe.send(Fetch, 12, fetchRequest([{ topic }], session(0, 0)), { label: "created" })
    await probe.send(Fetch, 12, fetchRequest([{ topic }], session(created.sessionId, -1)), { label: "closed" })
    await probe.send(Fetch, 12, fetchRequest([], session(created.sessionId, 1)), { label: "used again" })
  }),
  test("Fetch: a session replaced by a full fetch", async (probe) => {
    const topic = await filled(probe)
    const created = await probe.send(Fetch, 12, fetchRequest([{ topic }], session(0, 0)), { label: "created" })
    await probe.send(Fetch, 12, fetchRequest([{ topic }], session(created.sessionId, 0)), { label: "again, epoch 0" })
    await probe.send(Fetch, 12, fetchRequest([], session(created.sessionId, 1)), { label: "the old one" })
  }),
  test("Fetch: everything forgotten ends the session", async (probe) => {
    const topic = await filled(probe)
    const created = await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 6 }], session(0, 0)), {
      label: "created"
    })
    const forgottenTopicsData = [{ topic: topic.name, topicId: topic.id, partitions: [0] }]
    const id: number = created.sessionId
    await probe.send(Fetch, 12, fetchRequest([], session(id, 1, { forgottenTopicsData })), { label: "forgotten" })
    await probe.send(Fetch, 12, fetchRequest([], session(id, 2)), { label: "used again" })
  }),
  test("Fetch: a session without topics", async (probe) => {
    const created = await probe.send(Fetch, 12, fetchRequest([], session(0, 0)), { label: "created" })
    await probe.send(Fetch, 12, fetchRequest([], session(created?.sessionId ?? 0, 1)), { label: "used" })
  }),
  test("Fetch: a partition that is in error stays in every answer", async (probe) => {
    const topic = await filled(probe)
    const created = await probe.send(
      Fetch,
      12,
      fetchRequest([{ topic, offset: 99 }, { topic: unknownTopic }], session(0, 0)),
      { label: "created" }
    )
    await probe.send(Fetch, 12, fetchRequest([], session(created.sessionId, 1)), { label: "again" })
  }),
  test("Fetch: a session made with names and used with ids", async (probe) => {
    const topic = await filled(probe)
    const created = await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 6 }], session(0, 0)), { label: "names" })
    await probe.send(Fetch, 13, fetchRequest([{ topic, offset: 5 }], session(created.sessionId, 1)), { label: "ids" })
    const other = await probe.send(Fetch, 13, fetchRequest([{ topic, offset: 6 }], session(0, 0)), { label: "ids" })
    await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 5 }], session(other.sessionId, 1)), { label: "names" })
  }),
  test("Fetch: an unknown id in a session", async (probe) => {
    const topic = await filled(probe)
    const request = fetchRequest([{ topic, offset: 6 }, { topic: unknownTopic }], session(0, 0))
    const created = await probe.send(Fetch, 13, request, { label: "created" })
    await probe.send(Fetch, 13, fetchRequest([], session(created.sessionId, 1)), { label: "again" })
  })
]

const odd: ReadonlyArray<Case> = [
  test("Fetch: zstd is sent to versions below 10 too", async (probe) => {
    const produced = await probe.topic()
    await probe.quiet(Produce, 11, produceTo(produced, batch(["z"], { codec: "zstd" })))
    await probe.send(Fetch, 9, fetchRequest([{ topic: produced }]), { label: "compression.type producer" })
    const typed = await probe.topic({ configs: { "compression.type": "zstd" } })
    await probe.quiet(Produce, 11, produceTo(typed, batch(["z"])))
    // Compressed by the broker: the bytes are the affair of its library.
    const view = ({ responses: [{ partitions: [{ errorCode, highWatermark, records }] }] }: Body) => ({
      errorCode,
      highWatermark,
      codecId: records[22] & 7
    })
    await probe.send(Fetch, 9, fetchRequest([{ topic: typed }]), { label: "compression.type zstd", view })
    await probe.send(Fetch, 10, fetchRequest([{ topic: typed }]), { label: "v10", view })
  }),
  test("Fetch: a zero topic id", async (probe) => {
    await probe.send(Fetch, 13, fetchRequest([{ topic: { name: "", id: "AAAAAAAAAAAAAAAAAAAAAA" } }]))
  }),
  test("Fetch: isolation level 7", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic }], { isolationLevel: 7 }))
  }),
  test("Fetch: a rack", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic, offset: 5 }], { rackId: "rack-a" }))
  }),
  test("Fetch: the same partition twice", async (probe) => {
    const topic = await filled(probe)
    await probe.send(Fetch, 12, fetchRequest([{ topic }, { topic, offset: 5 }]))
  }),
  ...eachOf(
    { "empty": "", "with a slash": "a/b", "too long": "x".repeat(250) },
    (name) => `Fetch: a topic name that is ${name}`,
    async (probe, name) => {
      await probe.send(Fetch, 12, fetchRequest([{ topic: { name, id: unknownId } }]))
    }
  )
]

export const fetchCases: ReadonlyArray<Case> = [...ranges, ...epochs, ...sessions, ...odd]
