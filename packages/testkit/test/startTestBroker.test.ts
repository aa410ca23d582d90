import { assert, describe, it } from "@effect/vitest"
import { apis, buildBatch, ErrorCode, Uuid } from "@kafka-broker/core/protocol"
import { Effect, Fiber, Stream } from "effect"
import { SocketClient } from "../../node-server/test/crash/SocketClient.ts"
import { startTestBroker, TestBroker } from "../src/index.ts"

const { Fetch, Heartbeat, Metadata, Produce } = apis

const produceRequest = (topic: string, value: string, partition = 0) => ({
  transactionalId: null,
  acks: 1,
  timeoutMs: 1000,
  topicData: [{
    name: topic,
    topicId: Uuid.zero,
    partitionData: [{
      index: partition,
      records: buildBatch([{ key: null, value: new TextEncoder().encode(value), timestamp: 1 }])
    }]
  }]
})

const produce = async (client: SocketClient, topic: string, value: string, partition = 0): Promise<number> => {
  const { responses } = await client.request(Produce, 11, produceRequest(topic, value, partition))
  return responses[0]!.partitionResponses[0]!.errorCode
}

const rejected = (promise: Promise<unknown>): Promise<boolean> => promise.then(() => false, () => true)

describe("startTestBroker", () => {
  it("has the topics and records it is asked for, beside other brokers", async () => {
    await using first = await startTestBroker({
      topics: { orders: 3, audit: { partitions: 1, configs: { "cleanup.policy": "compact" } } },
      records: { orders: [{ value: "lamp", partition: 2 }, { value: "desk", partition: 0 }] }
    })
    await using second = await startTestBroker()
    assert.notStrictEqual(first.port, second.port)
    assert.deepStrictEqual(await first.values("orders"), ["desk", "lamp"])
    await second.createTopics([{ name: "orders" }])
    assert.deepStrictEqual(await second.values("orders"), [])
    await first.deleteTopics(["audit"])
    assert.isTrue(await rejected(first.records("audit")))
  })

  it("stops when it goes out of scope, and when what it should hold is refused", async () => {
    let port: number
    {
      await using broker = await startTestBroker()
      port = broker.port
      await broker.stop()
    }
    assert.isTrue(await rejected(SocketClient.connect(port)))
    assert.isTrue(await rejected(startTestBroker({ topics: { "no such name!": 1 } })))
  })

  it("has the same data, at the same address, after a restart", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    await broker.produce("orders", [{ value: "lamp" }])
    broker.control({ api: "Produce" }, { error: "NOT_LEADER_OR_FOLLOWER" })
    await broker.restart()
    const client = await SocketClient.connect(broker.port)
    assert.strictEqual(await produce(client, "orders", "desk"), 0)
    client.close()
    assert.deepStrictEqual(await broker.values("orders"), ["lamp", "desk"])
  })

  it("shows decoded requests, until they are cleared", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    const client = await SocketClient.connect(broker.port)
    await produce(client, "orders", "lamp")
    const [request] = broker.requests()
    assert.strictEqual(request?.api, "Produce")
    if (request?.api === "Produce") {
      assert.strictEqual(request.body.topicData[0]?.name, "orders")
      assert.strictEqual(request.body.topicData[0]?.partitionData[0]?.records?.length, 72)
    }
    broker.clearRequests()
    assert.deepStrictEqual(broker.requests(), [])
    client.close()
  })

  it("waits for records", async () => {
    await using broker = await startTestBroker({ topics: { orders: 2 } })
    const waiting = broker.awaitRecords("orders", 2)
    const client = await SocketClient.connect(broker.port)
    await produce(client, "orders", "lamp", 0)
    await produce(client, "orders", "desk", 1)
    assert.deepStrictEqual((await waiting).map(({ partition }) => partition), [0, 1])
    client.close()
  })
})

describe("TestBroker", () => {
  it.effect("waits for a group to have its members, and to have caught up, under the test's clock", () =>
    Effect.gen(function*() {
      const broker = yield* TestBroker
      yield* broker.createTopics([{ name: "orders", partitions: 2 }])
      yield* broker.produce("orders", [{ value: "lamp", partition: 0 }, { value: "desk", partition: 1 }])
      const assigned = yield* Effect.forkChild(broker.awaitAssignment("billing", 1))
      const caughtUp = yield* Effect.forkChild(broker.awaitLag("billing", 0))
      const member = yield* Effect.forkChild(Stream.runDrain(broker.consumeAs("billing", ["orders"])))
      yield* Fiber.join(assigned)
      yield* Fiber.join(caughtUp)
      yield* Fiber.interrupt(member)
      yield* broker.awaitAssignment("nobody", 0).pipe(Effect.timeoutOption(0))
    }).pipe(Effect.provide(TestBroker.layer())))
})

describe("control", () => {
  it("answers with an error so often, from the n-th request on, and counts", async () => {
    await using broker = await startTestBroker({ topics: { orders: 2, audit: 1 } })
    const client = await SocketClient.connect(broker.port)
    const control = broker.control(
      { api: "Produce", topic: "orders", partition: 1, from: 2, times: 2 },
      { error: "NOT_LEADER_OR_FOLLOWER" }
    )
    const codes: Array<number> = []
    for (
      const [topic, partition] of [["orders", 1], ["orders", 0], ["audit", 0], ["orders", 1], ["orders", 1], [
        "orders",
        1
      ]] as const
    ) {
      codes.push(await produce(client, topic, "v", partition))
    }
    const notLeader = ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert.deepStrictEqual(codes, [0, 0, 0, notLeader, notLeader, 0])
    assert.strictEqual(control.count(), 2)
    assert.lengthOf(await broker.records("orders"), 3)
    client.close()
  })

  it("holds until it is lifted, and only for the client and the request it is for", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    const client = await SocketClient.connect(broker.port)
    broker.control({ api: "Produce", clientId: "another" }, { error: "UNKNOWN_SERVER_ERROR" })
    const control = broker.control({ api: "Produce", when: ({ acks }) => acks === 1 }, { error: 56 })
    assert.deepStrictEqual([await produce(client, "orders", "a"), await produce(client, "orders", "b")], [56, 56])
    control.lift()
    assert.strictEqual(await produce(client, "orders", "c"), 0)
    broker.control({ api: "Produce" }, { error: 5 })
    broker.clearControls()
    assert.strictEqual(await produce(client, "orders", "d"), 0)
    client.close()
  })

  it("leaves the test's own requests alone, unless they are named", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    broker.control({ api: "Produce" }, { error: "KAFKA_STORAGE_ERROR" })
    await broker.produce("orders", [{ value: "lamp" }])
    broker.control({ api: "Produce", clientId: "kafka-broker-in-process" }, { error: "INVALID_RECORD" })
    assert.isTrue(await rejected(broker.produce("orders", [{ value: "desk" }])))
    assert.deepStrictEqual(await broker.values("orders"), ["lamp"])
  })

  it("answers with an error what was carried out", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    const client = await SocketClient.connect(broker.port)
    broker.control({ api: "Produce", times: 1 }, { errorAfter: "REQUEST_TIMED_OUT" })
    assert.strictEqual(await produce(client, "orders", "lamp"), ErrorCode.REQUEST_TIMED_OUT)
    assert.deepStrictEqual(await broker.values("orders"), ["lamp"])
    client.close()
  })

  it("closes the connection before or after, and leaves others alone", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    for (const [when, values] of [["before", []], ["after", ["after"]]] as const) {
      const [one, other] = [await SocketClient.connect(broker.port), await SocketClient.connect(broker.port)]
      broker.control({ api: "Produce", times: 1 }, { disconnect: when })
      assert.isTrue(await rejected(produce(one, "orders", when)))
      assert.deepStrictEqual(await broker.values("orders"), values)
      assert.isAbove((await other.request(Metadata, 9, metadataRequest)).brokers.length, 0)
      one.close()
      other.close()
    }
  })

  it("answers nothing, late, with something else, or asks for silence", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1 } })
    const client = await SocketClient.connect(broker.port)
    broker.control({ api: "Fetch", times: 1 }, { throttleMs: 700 })
    assert.strictEqual((await client.request(Fetch, 12, fetchRequest)).throttleTimeMs, 700)
    broker.control({ api: "Metadata", times: 1 }, { change: (response) => ({ ...response, clusterId: "another" }) })
    assert.strictEqual((await client.request(Metadata, 9, metadataRequest)).clusterId, "another")
    broker.control({ api: "Heartbeat", group: "g" }, {
      respond: () => ({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
    })
    const heartbeat = { groupId: "g", generationId: 1, memberId: "m", groupInstanceId: null }
    assert.strictEqual((await client.request(Heartbeat, 4, heartbeat)).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
    assert.strictEqual(
      (await client.request(Heartbeat, 4, { ...heartbeat, groupId: "h" })).errorCode,
      ErrorCode.NOT_COORDINATOR
    )
    for (const  of of["request", "answer"] as const) {
      broker.control({ api: "Metadata", times: 1 }, { delayMs: 30, of })
      const beganMs = performance.now()
      await client.request(Metadata, 9, metadataRequest)
      assert.isAtLeast(performance.now() - beganMs, 25)
    }
    const hole = broker.control({ api: "Produce" }, { blackHole: "after" })
    const lost = rejected(produce(client, "orders", "lamp"))
    await broker.awaitRecords("orders", 1)
    assert.strictEqual(hole.count(), 1)
    client.close()
    assert.isTrue(await lost)
  })

  it("knows topics by their ids too", async () => {
    await using broker = await startTestBroker({ topics: { orders: 1, audit: 1 } })
    const client = await SocketClient.connect(broker.port)
    broker.control({ api: "Produce", topic: "orders" }, { error: "KAFKA_STORAGE_ERROR" })
    const { topics } = await client.request(Metadata, 12, { ...metadataRequest, topics: null })
    for (const { name, topicId } of topics) {
      const request = produceRequest("", "v")
      const { responses } = await client.request(Produce, 13, {
        ...request,
        topicData: [{ ...request.topicData[0]!, topicId }]
      })
      assert.strictEqual(responses[0]!.partitionResponses[0]!.errorCode, name === "orders" ? 56 : 0, name ?? "")
    }
    client.close()
  })
})

const metadataRequest = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false
}

const fetchRequest = {
  replicaId: -1,
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 1000,
  isolationLevel: 0,
  topics: [{
    topic: "orders",
    topicId: Uuid.zero,
    partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }]
  }],
  forgottenTopicsData: []
}
