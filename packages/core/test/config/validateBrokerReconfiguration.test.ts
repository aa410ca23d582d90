import { assert, describe, it } from "@effect/vitest"
import { validateBrokerReconfiguration } from "../../src/config/validateBrokerReconfiguration.ts"

const refusal = (next: Record<string, string>, current: Record<string, string> = {}): string | undefined =>
  validateBrokerReconfiguration(new Map(Object.entries(current)), new Map(Object.entries({ ...current, ...next })))

const dynamic = (reason: string): string =>
  `Invalid value org.apache.kafka.common.config.ConfigException: ${reason} for configuration Invalid dynamic configuration`

describe("validateBrokerReconfiguration", () => {
  it("thread counts may go from a half to the double of what they are", () => {
    const failed = "Dynamic thread count update validation failed for"
    for (const count of ["5", "10", "20"]) assert.isUndefined(refusal({ "background.threads": count }))
    assert.strictEqual(
      refusal({ "background.threads": "4" }),
      dynamic(`${failed} background.threads=4, value should be at least half the current value 10`)
    )
    assert.strictEqual(
      refusal({ "num.io.threads": "5" }, { "num.io.threads": "2" }),
      dynamic(`${failed} num.io.threads=5, value should not be greater than double the current value 2`)
    )
    assert.isUndefined(refusal({ "num.replica.fetchers": "2" }))
    assert.isDefined(refusal({ "num.replica.fetchers": "3" }))
    assert.isDefined(refusal({ "num.network.threads": "40" }))
    assert.isDefined(refusal({ "num.recovery.threads.per.data.dir": "9" }))
  })

  it("cleaners too, and there is at least one", () => {
    assert.isUndefined(refusal({ "log.cleaner.threads": "2" }))
    assert.strictEqual(
      refusal({ "log.cleaner.threads": "3" }),
      dynamic("Log cleaner threads cannot be increased to more than double the current value 1")
    )
    assert.strictEqual(
      refusal({ "log.cleaner.threads": "1" }, { "log.cleaner.threads": "4" }),
      dynamic("Log cleaner threads cannot be reduced to less than half the current value 4")
    )
    assert.strictEqual(refusal({ "log.cleaner.threads": "0" }), dynamic("Log cleaner threads should be at least 1"))
  })

  it("values that the broker could not work with are refused", () => {
    const cases: ReadonlyArray<readonly [string, string, string]> = [
      ["log.roll.ms", "0", "log.roll.ms must be greater than or equal to 1"],
      ["log.roll.jitter.ms", "-1", "log.roll.jitter.ms must be greater than or equal to 0"],
      ["log.retention.ms", "0", "log.retention.ms must be unlimited (-1) or, greater than or equal to 1"],
      [
        "log.cleaner.dedupe.buffer.size",
        "1",
        "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread."
      ],
      [
        "max.connections.per.ip",
        "0",
        "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set."
      ]
    ]
    for (const [name, value, message] of cases) {
      assert.strictEqual(refusal({ [name]: value }), `requirement failed: ${message}`)
    }
    assert.isUndefined(refusal({ "log.retention.ms": "-1" }))
    assert.isUndefined(refusal({ "message.max.bytes": "5" }, { "log.cleaner.dedupe.buffer.size": "1" }))
    assert.isUndefined(refusal({ "max.connections.per.ip": "0", "max.connections.per.ip.overrides": "127.0.0.1:5" }))
  })

  it("limits of connections that cannot be read or that would let nobody in are refused", () => {
    const overrides = (text: string) => refusal({ "max.connections.per.ip.overrides": text })
    assert.strictEqual(refusal({ "max.connections": "0" }), dynamic("Invalid max.connections 0"))
    assert.strictEqual(
      overrides("abc"),
      "Error parsing configuration property 'max.connections.per.ip.overrides': begin 0, end -1, length 3"
    )
    assert.strictEqual(overrides("127.0.0.1:5,127.0.0.1:x"), "For input string: \"x\"")
    assert.isUndefined(overrides("127.0.0.1:5, ::1:7"))
  })
})
