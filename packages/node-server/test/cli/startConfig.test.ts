import { afterAll, assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { withDefaultCommand } from "../../src/cli/kafkaBrokerCommand.ts"
import { parseSettings, startConfig } from "../../src/cli/startConfig.ts"

const folder = mkdtempSync(join(tmpdir(), "kafka-broker-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (text: string): string => {
  const path = join(folder, "server.properties")
  writeFileSync(path, text)
  return path
}

describe("startConfig", () => {
  it("lets flags win over the environment and the environment over the file", () => {
    const configFile = file("num.partitions=1\nlog.retention.hours=1\nbroker.rack=a\n")
    const { properties } = startConfig(
      { configFile, settings: parseSettings(["num.partitions = 3"]) },
      { KAFKA_NUM_PARTITIONS: "2", KAFKA_LOG_RETENTION_HOURS: "2", KAFKA_HEAP_OPTS: "-Xmx1G" }
    )
    assert.deepStrictEqual(Object.fromEntries(properties), {
      "num.partitions": "3",
      "log.retention.hours": "2",
      "broker.rack": "a"
    })
  })

  it("keeps what a host or port flag does not mention of the first client listener", () => {
    const configFile = file(
      "listeners=CONTROLLER://:9093,PLAINTEXT://0.0.0.0:9092\nadvertised.listeners=PLAINTEXT://a:1\n"
    )
    const { properties } = startConfig({ configFile, port: 19092, advertisedHost: "example.org" }, {})
    assert.strictEqual(properties.get("listeners"), "PLAINTEXT://0.0.0.0:19092")
    assert.strictEqual(properties.get("advertised.listeners"), "PLAINTEXT://example.org:19092")
  })

  it("names the variable that is not a number", () => {
    assert.throws(() => startConfig({}, { KAFKA_BROKER_PORT: "x" }), /KAFKA_BROKER_PORT must be a number/)
  })

  it("refuses a setting without a value", () => {
    assert.throws(() => parseSettings(["num.partitions"]), /expected key=value/)
  })
})

describe("withDefaultCommand", () => {
  it("starts the broker when no command is given, with or without the separator of a package manager", () => {
    assert.deepStrictEqual(withDefaultCommand(["--", "--port", "1"]), ["start", "--port", "1"])
    assert.deepStrictEqual(withDefaultCommand(["server.properties"]), ["start", "server.properties"])
    assert.deepStrictEqual(withDefaultCommand(["format", "--node-id", "2"]), ["format", "--node-id", "2"])
    assert.deepStrictEqual(withDefaultCommand([]), ["start"])
  })
})
