import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { type BrokerListener, dialableAddress, resolveListeners } from "../../src/config/resolveListeners.ts"

const resolve = (listeners: string, advertised = "") =>
  resolveListeners({
    listeners: listeners.split(","),
    advertised: advertised === "" ? [] : advertised.split(","),
    controllerNames: ["CONTROLLER"],
    protocolMap: "PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT"
  })

const problemOf = (listeners: string, advertised = ""): string | undefined => {
  const result = resolve(listeners, advertised)
  return Result.isFailure(result) ? result.failure : undefined
}

const only = (listeners: string, advertised = ""): BrokerListener =>
  Result.getOrThrow(resolve(listeners, advertised))[0]!

describe("resolveListeners", () => {
  it("refuses two listeners on one port, the controller's included, in Kafka's words", () => {
    assert.strictEqual(
      problemOf("PLAINTEXT://:9092,CONTROLLER://:9092"),
      "Each listener must have a different port, listeners: PLAINTEXT://:9092,CONTROLLER://:9092"
    )
    assert.match(
      problemOf("INSIDE://a:9092,OUTSIDE://b:9092")!,
      /^Each listener must have a different port, listeners: /
    )
    assert.match(
      problemOf("INSIDE://127.0.0.1:9092,OUTSIDE://127.0.0.2:9092")!,
      /one needs to be IPv4 and the other IPv6, listeners: .*, port: 9092$/
    )
    assert.match(problemOf("INSIDE://127.0.0.1:9092,OUTSIDE://localhost:9092")!, /one needs to be IPv4/)
    assert.match(
      problemOf("INSIDE://127.0.0.1:9092,OUTSIDE://[::1]:9092,CONTROLLER://127.0.0.2:9092")!,
      /unless exactly one listener has an IPv4 address and the other IPv6 address/
    )
  })

  it("takes one port for IPv4 and IPv6, and any number of free ones", () => {
    assert.isUndefined(problemOf("INSIDE://127.0.0.1:9092,OUTSIDE://[::1]:9092"))
    assert.isUndefined(problemOf("INSIDE://:0,OUTSIDE://:0,CONTROLLER://:0"))
  })

  it("names the setting and the port that is none", () => {
    assert.strictEqual(
      problemOf("PLAINTEXT://:99999"),
      "listeners: the port of PLAINTEXT://:99999 is not between 0 and 65535"
    )
    assert.match(problemOf("PLAINTEXT://:65536")!, /not between/)
    assert.match(problemOf("PLAINTEXT://:-1")!, /not between/)
    assert.match(problemOf("PLAINTEXT://:9092", "PLAINTEXT://a:70000")!, /^advertised\.listeners: the port of/)
    assert.match(problemOf("PLAINTEXT://:port")!, /Unable to parse/)
  })
})

describe("dialableAddress", () => {
  const bound = { host: "::", port: 9092 }
  const told = (advertised: string) => dialableAddress(only("PLAINTEXT://:0", advertised), bound, "10.0.0.7")

  it("never tells a client a host that means every interface, or port 0", () => {
    for (const host of ["", "[::]", "[::0]", "[0:0:0:0:0:0:0:0]", "0"]) {
      assert.deepStrictEqual(told(`PLAINTEXT://${host}:9999`), { host: "10.0.0.7", port: 9999 }, host)
    }
    assert.deepStrictEqual(told("PLAINTEXT://example.org:0"), { host: "example.org", port: 9092 })
    assert.deepStrictEqual(told("PLAINTEXT://:0"), { host: "10.0.0.7", port: 9092 })
    assert.match(problemOf("PLAINTEXT://:9092", "PLAINTEXT://0.0.0.0:9092")!, /nonroutable meta-address/)
  })

  it("tells what is advertised, else what the listener is bound to", () => {
    assert.deepStrictEqual(told("PLAINTEXT://example.org:1"), { host: "example.org", port: 1 })
    const listener = only("PLAINTEXT://127.0.0.1:0")
    assert.deepStrictEqual(dialableAddress(listener, { host: "127.0.0.1", port: 5 }, "127.0.0.1"), {
      host: "127.0.0.1",
      port: 5
    })
    assert.deepStrictEqual(dialableAddress(listener, { host: "0.0.0.0", port: 5 }, "10.0.0.7"), {
      host: "10.0.0.7",
      port: 5
    })
  })
})
