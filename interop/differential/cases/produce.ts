import { apis } from "@kafka-broker/core/protocol"
import { aTime, batch, batchOfPayload, bytesOf, patched, rec } from "../batches.ts"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Probe, Topic } from "../Probe.ts"
import { fetchRequest, produceRequest, produceTo, unknownTopic } from "../requests.ts"
import { twiceLabel } from "../rules.ts"

const { Fetch, Produce } = apis

/** Sends the batch and then reads the partition, which shows what was appended. */
const produceAndRead = async (probe: Probe, topic: Topic, records: Uint8Array | null, version = 11): Promise<void> => {
  await probe.send(Produce, version, produceTo(topic, records))
  await probe.send(Fetch, 12, fetchRequest([{ topic }]))
}

const one = batch(["value"])
const three = batch(["a", "b", "c"])

/** Batches that must be refused, or are taken although they look odd. */
const oddBatches: Readonly<Record<string, Uint8Array | null>> = {
  "wrong CRC": patched(one, (view) => view.setUint32(17, 1), { keepCrc: true }),
  "magic 1": patched(one, (view) => view.setInt8(16, 1)),
  "magic 0": patched(one, (view) => view.setInt8(16, 0)),
  "magic 3": patched(one, (view) => view.setInt8(16, 3)),
  "magic -1": patched(one, (view) => view.setInt8(16, -1)),
  "no bytes": new Uint8Array(0),
  "ten bytes": new Uint8Array(10),
  "fourteen zero bytes": new Uint8Array(14),
  "a truncated batch": one.subarray(0, one.length - 3),
  "a header without records": one.subarray(0, 61),
  "two batches": Buffer.concat([one, one]),
  "a batch and 5 bytes": Buffer.concat([one, new Uint8Array(5)]),
  "a batch and 20 zero bytes": Buffer.concat([one, new Uint8Array(20)]),
  "a batch and half of another": Buffer.concat([one, one.subarray(0, 40)]),
  "length 0": patched(one, (view) => view.setInt32(8, 0), { keepCrc: true }),
  "length 13": patched(one, (view) => view.setInt32(8, 13), { keepCrc: true }),
  "length -1": patched(one, (view) => view.setInt32(8, -1), { keepCrc: true }),
  "length 48, under a header": patched(one.subarray(0, 60), (view) => view.setInt32(8, 48), { keepCrc: true }),
  "base offset 5": patched(one, (view) => view.setBigInt64(0, 5n), { keepCrc: true }),
  "leader epoch 7": patched(one, (view) => view.setInt32(12, 7), { keepCrc: true }),
  "record count 0": patched(one, (view) => view.setInt32(57, 0)),
  "record count 2, one record": patched(one, (view) => view.setInt32(57, 2)),
  "record count -1": patched(one, (view) => view.setInt32(57, -1)),
  "last offset delta -1": patched(one, (view) => view.setInt32(23, -1)),
  "last offset delta 4, three records": patched(three, (view) => view.setInt32(23, 4)),
  "last offset delta and count 5, three records": patched(three, (view) => {
    view.setInt32(23, 4)
    view.setInt32(57, 5)
  }),
  "last offset delta and count 2, three records": patched(three, (view) => {
    view.setInt32(23, 1)
    view.setInt32(57, 2)
  }),
  "control flag": patched(one, (view) => view.setInt16(21, 0x20)),
  "delete horizon flag": patched(one, (view) => view.setInt16(21, 0x40)),
  "transactional flag without producer": patched(one, (view) => view.setInt16(21, 0x10)),
  "log append time flag": patched(one, (view) => view.setInt16(21, 0x08)),
  "codec 5": patched(one, (view) => view.setInt16(21, 5)),
  "codec 7": patched(one, (view) => view.setInt16(21, 7)),
  "unused attribute bits": patched(one, (view) => view.setInt16(21, 0x7f80)),
  "gzip flag, plain records": patched(one, (view) => view.setInt16(21, 1)),
  "snappy flag, plain records": patched(one, (view) => view.setInt16(21, 2)),
  "lz4 flag, plain records": patched(one, (view) => view.setInt16(21, 3)),
  "zstd flag, plain records": patched(one, (view) => view.setInt16(21, 4)),
  "gzip cut short": patched(
    batch(["v".repeat(900)], { codec: "gzip" }).subarray(0, 75),
    (view, all) => view.setInt32(8, all.length - 12)
  ),
  "snappy cut short": patched(
    batch(["v".repeat(900)], { codec: "snappy" }).subarray(0, 75),
    (view, all) => view.setInt32(8, all.length - 12)
  ),
  "lz4 cut short": patched(
    batch(["v".repeat(900)], { codec: "lz4" }).subarray(0, 75),
    (view, all) => view.setInt32(8, all.length - 12)
  ),
  "zstd cut short": patched(
    batch(["v".repeat(900)], { codec: "zstd" }).subarray(0, 75),
    (view, all) => view.setInt32(8, all.length - 12)
  ),
  "lz4 with a wrong frame magic": patched(batch(["v".repeat(90)], { codec: "lz4" }), (view) => view.setInt32(61, 0)),
  "lz4 with dependent blocks": patched(batch(["v".repeat(90)], { codec: "lz4" }), (view) => view.setInt8(65, 0x40)),
  "gzip with a changed byte": patched(batch(["v".repeat(90)], { codec: "gzip" }), (view) => view.setInt8(80, 1)),
  "producer id without sequence": batch(["v"], { producerId: 99, producerEpoch: 0, baseSequence: -1 }),
  "record with a wrong length": patched(one, (view) => view.setInt8(61, 126)),
  "record with a short length": patched(one, (view) => view.setInt8(61, 4)),
  "record with a key longer than the batch": patched(one, (view) => view.setInt8(65, 126)),
  "record with header count -1": batchOfPayload(new Uint8Array([14, 0, 0, 0, 1, 2, 118, 1]), {}),
  "record bytes after the last record": batchOfPayload(new Uint8Array([14, 0, 0, 0, 1, 2, 118, 0, 9]), {}),
  "a record with a negative length": batchOfPayload(new Uint8Array([1, 0, 0, 0, 1, 2, 118, 0]), {}),
  "a record with a varint of six bytes": batchOfPayload(new Uint8Array([255, 255, 255, 255, 255, 1, 0, 0]), {}),
  "a record with an attribute bit": batchOfPayload(new Uint8Array([14, 1, 0, 0, 1, 2, 118, 0]), {}),
  "a record with null key and value": batchOfPayload(new Uint8Array([12, 0, 0, 0, 1, 1, 0]), {}),
  "a header with a null value": batchOfPayload(new Uint8Array([18, 0, 0, 0, 1, 1, 2, 2, 104, 1]), {}),
  "a header with a null key": batchOfPayload(new Uint8Array([16, 0, 0, 0, 1, 1, 2, 1, 1]), {}),
  "offset deltas that do not follow": batchOfPayload(
    new Uint8Array([14, 0, 0, 0, 1, 2, 118, 0, 14, 0, 0, 10, 1, 2, 119, 0]),
    { recordCount: 2 }
  ),
  "max timestamp below the records'": patched(one, (view) => view.setBigInt64(35, 5n)),
  "max timestamp above the records'": patched(one, (view) => view.setBigInt64(35, BigInt(aTime + 9))),
  "timestamp -1": batch([rec("v", { timestamp: -1 })]),
  "timestamp -5": batch([rec("v", { timestamp: -5 })]),
  "timestamp 0": batch([rec("v", { timestamp: 0 })])
}

const versions: ReadonlyArray<Case> = [
  ...eachVersion(Produce, [3, 13], "one record, then three", async (probe, version) => {
    const topic = await probe.topic()
    await probe.send(Produce, version, produceTo(topic, one))
    await probe.send(Produce, version, produceTo(topic, three))
    await probe.send(Fetch, 12, fetchRequest([{ topic }]))
  }),
  ...eachVersion(Produce, [3, 13], "unknown topic, unknown partition", async (probe, version) => {
    const topic = await probe.topic()
    await probe.send(Produce, version, produceTo(unknownTopic, one), { label: "unknown topic" })
    await probe.send(Produce, version, produceRequest([[topic, 0, one], [topic, 9, one]]), { label: "partition 9" })
    await probe.send(Produce, version, produceRequest([[topic, -1, one]]), { label: "partition -1" })
  }),
  ...eachVersion(Produce, [3, 13], "wrong CRC beside a good batch", async (probe, version) => {
    const topic = await probe.topic({ partitions: 2 })
    await probe.send(Produce, version, produceRequest([[topic, 0, oddBatches["wrong CRC"]!], [topic, 1, three]]))
  }),
  ...eachVersion(Produce, [6, 8], "zstd", async (probe, version) => {
    const topic = await probe.topic()
    await probe.send(Produce, version, produceTo(topic, batch(["v"], { codec: "zstd" })))
  })
]

const whole: ReadonlyArray<Case> = [
  test("Produce: several partitions of several topics in one request", async (probe) => {
    const [first, second] = [await probe.topic({ partitions: 3 }), await probe.topic({ partitions: 2 })]
    const parts = [[first, 0, one], [first, 2, three], [second, 1, three], [second, 7, one]] as const
    await probe.send(Produce, 11, produceRequest(parts))
    await probe.send(Produce, 11, produceRequest(parts))
  }),
  test("Produce: the same partition twice in one request", async (probe) => {
    const topic = await probe.topic()
    await probe.send(Produce, 11, produceRequest([[topic, 0, one], [topic, 0, three]]), { label: twiceLabel })
    await probe.send(Fetch, 12, fetchRequest([{ topic }]), { label: twiceLabel })
  }),
  test("Produce: no topics, and a topic without partitions", async (probe) => {
    const topic = await probe.topic()
    await probe.send(Produce, 11, produceRequest([]), { label: "no topics" })
    const empty = { ...produceRequest([]), topicData: [{ name: topic.name, topicId: topic.id, partitionData: [] }] }
    await probe.send(Produce, 11, empty, { label: "no partitions" })
  }),
  ...eachOf({ "-2": -2, "2": 2, "32767": 32_767 }, (acks) => `Produce: acks ${acks}`, async (probe, acks) => {
    const topic = await probe.topic()
    await probe.send(Produce, 11, produceTo(topic, one, { acks }))
    await probe.send(Produce, 11, produceRequest([[topic, 0, one], [topic, 5, one]], { acks }), { label: "two" })
  }),
  ...eachOf({ "0": 0, "1": 1, "-1": -1 }, (acks) => `Produce: acks ${acks} appends`, async (probe, acks) => {
    const topic = await probe.topic()
    if (acks === 0) await probe.unanswered(Produce, 11, produceTo(topic, three, { acks }))
    else await probe.send(Produce, 11, produceTo(topic, three, { acks }))
    await probe.send(Fetch, 12, fetchRequest([{ topic }]))
  }),
  test("Produce: acks 0 with an error closes the connection", async (probe) => {
    await probe.unanswered(Produce, 11, produceTo(unknownTopic, one, { acks: 0 }), { label: "unknown topic" })
    const topic = await probe.topic()
    await probe.unanswered(Produce, 11, produceTo(topic, oddBatches["wrong CRC"]!, { acks: 0 }), { label: "CRC" })
  }),
  test("Produce: a topic name with a zero id", async (probe) => {
    await probe.send(Produce, 13, produceTo({ name: "", id: "AAAAAAAAAAAAAAAAAAAAAA" }, one))
  }),
  test("Produce: to an internal topic", async (probe) => {
    const name = "__consumer_offsets"
    await probe.quiet(apis.FindCoordinator, 4, { keyType: 0, coordinatorKeys: ["any"] })
    await probe.leadersOf(name)
    await probe.send(Produce, 11, produceTo({ name, id: "" }, one))
  }),
  test("Produce: too large for max.message.bytes", async (probe) => {
    const topic = await probe.topic({ configs: { "max.message.bytes": "200" } })
    await produceAndRead(probe, topic, batch(["x".repeat(200)]))
    await produceAndRead(probe, topic, batch(["x".repeat(900)], { codec: "gzip" }))
  }),
  test("Produce: exactly max.message.bytes", async (probe) => {
    const records = batch(["x".repeat(100)])
    const exact = await probe.topic({ configs: { "max.message.bytes": String(records.length) } })
    const less = await probe.topic({ configs: { "max.message.bytes": String(records.length - 1) } })
    await probe.send(Produce, 11, produceTo(exact, records))
    await probe.send(Produce, 11, produceTo(less, records))
  }),
  test("Produce: larger than the segment", async (probe) => {
    const topic = await probe.topic({ configs: { "segment.bytes": "1048576", "max.message.bytes": "3000000" } })
    await probe.send(Produce, 11, produceTo(topic, batch(["x".repeat(2_000_000)])))
  }),
  test("Produce: transactional batches without a transactional id", async (probe) => {
    const topic = await probe.topic()
    const records = batch(["v"], { producerId: 5, producerEpoch: 0, baseSequence: 0, isTransactional: true })
    await probe.send(Produce, 11, produceTo(topic, records))
  })
]

const compacted: ReadonlyArray<Case> = [
  ...eachOf(
    { "compact": "compact", "compact,delete": "compact,delete" },
    (policy) => `Produce: records without key on a topic with ${policy}`,
    async (probe, policy) => {
      const topic = await probe.topic({ configs: { "cleanup.policy": policy } })
      await produceAndRead(probe, topic, batch([rec("v", { k: null })]))
      await produceAndRead(probe, topic, batch([rec("a"), rec("b", { k: null }), rec("c"), rec("d", { k: null })]))
      await produceAndRead(probe, topic, batch([rec("b", { k: null })], { codec: "gzip" }))
      await produceAndRead(probe, topic, batch([rec("a"), rec("b")]))
      await probe.send(Produce, 7, produceTo(topic, batch([rec("v", { k: null })])), { label: "v7" })
    }
  ),
  test("Produce: five records without key on a compacted topic", async (probe) => {
    const topic = await probe.topic({ configs: { "cleanup.policy": "compact" } })
    const records = Array.from({ length: 5 }, (_, index) => rec(`${index}`, { k: null }))
    await probe.send(Produce, 11, produceTo(topic, batch(records)))
  })
]

const timestamps: ReadonlyArray<Case> = [
  test("Produce: timestamps too old", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.before.max.ms": "3600000" } })
    await produceAndRead(probe, topic, batch([rec("old")]))
    await produceAndRead(probe, topic, batch([rec("now", { timestamp: Date.now() }), rec("old")]))
  }),
  test("Produce: timestamps too new", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.after.max.ms": "3600000" } })
    await probe.send(Produce, 11, produceTo(topic, batch([rec("new", { timestamp: 4_000_000_000_000 })])))
  }),
  test("Produce: timestamps too new under the default", async (probe) => {
    const topic = await probe.topic()
    await probe.send(Produce, 11, produceTo(topic, batch([rec("new", { timestamp: 4_000_000_000_000 })])))
  }),
  test("Produce: bad timestamp and missing key in one batch", async (probe) => {
    const configs = { "message.timestamp.before.max.ms": "3600000", "cleanup.policy": "compact" }
    const topic = await probe.topic({ configs })
    await probe.send(Produce, 11, produceTo(topic, batch([rec("old"), rec("no key", { k: null, timestamp: -1 })])))
  }),
  test("Produce: log append time", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.type": "LogAppendTime" } })
    await probe.send(Produce, 11, produceTo(topic, three))
    await probe.send(Produce, 11, produceTo(topic, batch(["z"], { codec: "zstd" })))
    await probe.send(Fetch, 12, fetchRequest([{ topic }]))
  }),
  test("Produce: log append time set by the client", async (probe) => {
    const topic = await probe.topic({ configs: { "message.timestamp.type": "LogAppendTime" } })
    await probe.send(Produce, 11, produceTo(topic, batch(["v"], { logAppendTimeMs: aTime })))
  })
]

const codecsCases: ReadonlyArray<Case> = [
  ...eachOf(
    { gzip: "gzip", snappy: "snappy", lz4: "lz4", zstd: "zstd" } as const,
    (codec) => `Produce: ${codec} is kept as it was sent`,
    async (probe, codec) => {
      const topic = await probe.topic()
      await probe.send(Produce, 11, produceTo(topic, batch(["a", "b".repeat(2_000), "c"], { codec })))
      await probe.send(Fetch, 12, fetchRequest([{ topic }]))
    }
  ),
  ...eachOf(
    { gzip: "gzip", lz4: "lz4", uncompressed: "uncompressed", zstd: "zstd", snappy: "snappy" },
    (type) => `Produce: compression.type ${type} on the topic`,
    async (probe, type) => {
      const topic = await probe.topic({ configs: { "compression.type": type } })
      await probe.send(Produce, 11, produceTo(topic, batch(["a", "b", "c"])))
      await probe.send(Produce, 11, produceTo(topic, batch(["a", "b", "c"], { codec: "gzip" })))
      const view = (body: { responses: ReadonlyArray<{ partitions: ReadonlyArray<{ records: Uint8Array }> }> }) =>
        body.responses[0]!.partitions[0]!.records[22]! & 7
      await probe.send(Fetch, 12, fetchRequest([{ topic }]), { view, label: "codec of the stored batch" })
    }
  ),
  test("Produce: compressed offset deltas that do not follow", async (probe) => {
    const topic = await probe.topic()
    const gap = batch([rec("a"), { ...rec("b"), offset: 5 }], { codec: "gzip" })
    await produceAndRead(probe, topic, patched(gap, (view) => view.setInt32(23, 1)))
  })
]

const odd = eachOf(oddBatches, (name) => `Produce: ${name}`, async (probe, records) => {
  const topic = await probe.topic()
  await produceAndRead(probe, topic, records)
})

const oddOld = eachOf(
  Object.fromEntries(
    Object.entries(oddBatches).filter(([name]) => /wrong CRC|magic|two batches|truncated|count 0/.test(name))
  ),
  (name) => `Produce v7: ${name}`,
  async (probe, records) => {
    const topic = await probe.topic()
    await probe.send(Produce, 7, produceTo(topic, records))
  }
)

export const produceCases: ReadonlyArray<Case> = [
  ...versions,
  ...whole,
  ...compacted,
  ...timestamps,
  ...codecsCases,
  ...odd,
  ...oddOld,
  test("Produce: null values and headers are kept", async (probe) => {
    const topic = await probe.topic()
    const headers = [{ key: "h", value: bytesOf("1") }, { key: "h", value: null }]
    await produceAndRead(probe, topic, batch([{ ...rec("x"), value: null, headers }, rec("y", { k: null })]))
  })
]
