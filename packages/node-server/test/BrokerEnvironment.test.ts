import { assert, describe, it } from "@effect/vitest"
import { readBrokerEnvironment } from "../src/BrokerEnvironment.ts"

describe("readBrokerEnvironment", () => {
  it("reads yes and no in the forms people write them", () => {
    for (const text of ["1", "yes", "on", "true", "TRUE"]) {
      assert.deepStrictEqual(readBrokerEnvironment({ KAFKA_BROKER_MEMORY: text }).options, { memory: true }, text)
    }
    for (const text of ["0", "no", "off", "false"]) {
      assert.deepStrictEqual(readBrokerEnvironment({ KAFKA_BROKER_MEMORY: text }).options, { memory: false }, text)
    }
    assert.deepStrictEqual(readBrokerEnvironment({ KAFKA_BROKER_MEMORY: "" }).options, {})
    assert.throws(
      () => readBrokerEnvironment({ KAFKA_BROKER_MEMORY: "maybe" }),
      /KAFKA_BROKER_MEMORY must be one of 1, /
    )
  })

  it("refuses an unknown KAFKA_BROKER_ variable and says which one was meant", () => {
    assert.throws(
      () => readBrokerEnvironment({ KAFKA_BROKER_PROT: "1" }),
      /KAFKA_BROKER_PROT .* mean KAFKA_BROKER_PORT\?/
    )
    assert.throws(() => readBrokerEnvironment({ KAFKA_BROKER_DATADIR: "x" }), /did you mean KAFKA_BROKER_DATA_DIR\?/)
    assert.throws(() => readBrokerEnvironment({ KAFKA_BROKER_ZOOKEEPER: "x" }), /it has KAFKA_BROKER_HOST, /)
  })

  it("takes settings, those of this broker also without saying kafka twice", () => {
    const { options, properties } = readBrokerEnvironment({
      KAFKA_NUM_PARTITIONS: "2",
      KAFKA_BROKER_RACK: "a",
      KAFKA_BROKER_ACKS_ALL_DURABILITY: "page-cache",
      KAFKA_KAFKA_BROKER_ACL_FILE: "acls.json",
      KAFKA_BROKER_DATA_DIR: "/data"
    })
    assert.deepStrictEqual(Object.fromEntries(properties), {
      "num.partitions": "2",
      "broker.rack": "a",
      "kafka.broker.acks.all.durability": "page-cache",
      "kafka.broker.acl.file": "acls.json"
    })
    assert.deepStrictEqual(options, { dataDir: "/data" })
  })

  it("names what looks like a setting and is none", () => {
    const { ignored } = readBrokerEnvironment({
      KAFKA_NUM_PARTITION: "2",
      KAFKA_HEAP_OPTS: "-Xmx1G",
      KAFKA_NUM_PARTITIONS: "2",
      KAFKAESQUE: "1",
      PATH: "/bin"
    })
    assert.deepStrictEqual(ignored, ["KAFKA_NUM_PARTITION", "KAFKA_HEAP_OPTS"])
  })

  it("is not misled by what Kubernetes tells of a service named kafka-broker", () => {
    const read = readBrokerEnvironment({
      KAFKA_BROKER_SERVICE_HOST: "10.96.0.1",
      KAFKA_BROKER_SERVICE_PORT: "9092",
      KAFKA_BROKER_SERVICE_PORT_CLIENT: "9092",
      KAFKA_BROKER_PORT: "tcp://10.96.0.1:9092",
      KAFKA_BROKER_PORT_9092_TCP: "tcp://10.96.0.1:9092",
      KAFKA_BROKER_PORT_9092_TCP_ADDR: "10.96.0.1",
      KAFKA_PORT: "tcp://10.96.0.1:9092"
    })
    assert.deepStrictEqual(read, { options: {}, properties: new Map(), ignored: [] })
  })

  it("names the variable that is not a number", () => {
    for (const text of ["x", "1.5", "-1", "0x10"]) {
      assert.throws(() => readBrokerEnvironment({ KAFKA_BROKER_PORT: text }), /KAFKA_BROKER_PORT must be a number/)
    }
  })
})
