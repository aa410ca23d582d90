import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { brokerSettings } from "../../src/config/BrokerSettings.ts"
import { brokerConfigDef } from "../../src/config/BrokerConfigs.ts"
import { parseAll } from "../../src/config/ConfigDef.ts"

const settings = (properties: Record<string, string>) => brokerSettings(new Map(Object.entries(properties)))
const settingsOf = (properties: Record<string, string>) => Result.getOrThrow(settings(properties))
const problemOf = (properties: Record<string, string>): string | undefined => {
  const result = settings(properties)
  return Result.isFailure(result) ? result.failure : undefined
}

describe("brokerSettings", () => {
  it("needs nothing: node 1 on the loopback address, data in ./data", () => {
    const { listeners, logDir, nodeId, offsetsTopic } = settingsOf({})
    assert.deepStrictEqual(listeners, [{ name: "PLAINTEXT", host: "127.0.0.1", port: 9092, advertised: null }])
    assert.strictEqual(logDir, "data")
    assert.strictEqual(nodeId, 1)
    assert.deepStrictEqual(offsetsTopic, { partitions: 50, replicationFactor: 1, segmentBytes: 104857600, minIsr: 1 })
  })

  it("takes Kafka's single-node server.properties and leaves the controller's listener out", () => {
    const { listeners, nodeId } = settingsOf({
      "process.roles": "broker,controller",
      "node.id": "7",
      "controller.quorum.bootstrap.servers": "localhost:9093",
      "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
      "inter.broker.listener.name": "PLAINTEXT",
      "advertised.listeners": "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
      "controller.listener.names": "CONTROLLER",
      "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL"
    })
    const advertised = { host: "localhost", port: 9092 }
    assert.deepStrictEqual(listeners, [{ name: "PLAINTEXT", host: "", port: 9092, advertised }])
    assert.strictEqual(nodeId, 7)
  })

  it("takes broker.id for node.id and refuses two that differ", () => {
    assert.strictEqual(settingsOf({ "broker.id": "3" }).nodeId, 3)
    assert.match(problemOf({ "broker.id": "3", "node.id": "4" })!, /`node\.id` to the same value as `broker\.id`/)
  })

  it("names what it does not act on, and why", () => {
    const { withoutEffect } = settingsOf({
      "zookeeper.connect": "a:1",
      "num.partitions": "2",
      "num.partition": "2",
      "num.io.threads": "3",
      "sasl.jaas.config": "x",
      "quota.window.num": "5",
      "controller.quorum.voters": "1@a:1",
      "message.max.bytes": "10"
    })
    assert.deepStrictEqual(withoutEffect, [
      { name: "zookeeper.connect", why: "there is no such setting" },
      { name: "num.partition", why: "there is no such setting; did you mean num.partitions?" },
      { name: "num.io.threads", why: "the broker works on one event loop and has no threads" },
      { name: "sasl.jaas.config", why: "connections are plain TCP, without TLS and SASL" },
      { name: "quota.window.num", why: "there are no quotas" },
      {
        name: "controller.quorum.voters",
        why: "the metadata log is the broker's own; there is no quorum of controllers"
      }
    ])
  })

  it("refuses what it cannot honour in one line", () => {
    assert.match(problemOf({ "log.dirs": "a,b" })!, /keeps its data in one directory/)
    assert.match(problemOf({ "log.dirs": "a", "metadata.log.dir": "b" })!, /metadata\.log\.dir must be a/)
    assert.isUndefined(problemOf({ "log.dirs": "a", "metadata.log.dir": "a" }))
    assert.match(problemOf({ listeners: "SSL://:9092" })!, /Listener SSL has security protocol SSL/)
    assert.match(problemOf({ listeners: "9092" })!, /Unable to parse 9092 in listeners/)
    assert.match(problemOf({ "advertised.listeners": "PLAINTEXT://0.0.0.0:1" })!, /nonroutable meta-address/)
    assert.match(problemOf({ "process.roles": "controller" })!, /must contain broker/)
    assert.match(problemOf({ "authorizer.class.name": "com.example.Mine" })!, /could not be found/)
  })

  it("reads limits of connections by address, and how many the system may hold", () => {
    const { maxConnectionsPerIpOverrides, socketListenBacklogSize } = settingsOf({
      "max.connections.per.ip.overrides": "10.0.0.1:5, ::1:7",
      "socket.listen.backlog.size": "7"
    })
    assert.deepStrictEqual([...maxConnectionsPerIpOverrides], [["10.0.0.1", 5], ["::1", 7]])
    assert.strictEqual(socketListenBacklogSize, 7)
    assert.isAbove(settingsOf({}).socketListenBacklogSize, 50)
    assert.match(problemOf({ "max.connections.per.ip.overrides": "10.0.0.1" })!, /must be address:count/)
    assert.match(problemOf({ "max.connections.per.ip": "0" })!, /only if max.connections.per.ip.overrides/)
  })

  it("accepts every declared default", () => {
    assert.isTrue(Result.isSuccess(parseAll(brokerConfigDef, new Map())))
  })
})
