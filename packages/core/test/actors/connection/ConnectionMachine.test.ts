import { assert, describe, it } from "@effect/vitest"
import {
  type Authentication,
  type ConnectionEvent,
  type ConnectionState,
  initialState,
  isEnding,
  newClient,
  serves,
  step,
  takesRequests
} from "../../../src/actors/connection/ConnectionMachine.ts"
import { anonymous } from "../../../src/security/Principal.ts"

const client = newClient({ listenerName: "SASL_SSL", host: "10.0.0.7", tls: undefined })
const alice = { type: "User", name: "alice" }

const states: { readonly [Tag in ConnectionState["_tag"]]: Extract<ConnectionState, { _tag: Tag }> } = {
  Unauthenticated: { _tag: "Unauthenticated", client },
  Authenticating: { _tag: "Authenticating", client, mechanism: "PLAIN", tokens: "Requests", before: undefined },
  Ready: { _tag: "Ready", client, principal: alice, expiresAtMs: 500 },
  Muted: { _tag: "Muted", client, principal: alice, expiresAtMs: 500, untilMs: 100 },
  Draining: { _tag: "Draining", client },
  Refused: { _tag: "Refused", client, untilMs: 100 },
  Closing: { _tag: "Closing", client },
  Closed: { _tag: "Closed", client }
}

const events: { readonly [Tag in ConnectionEvent["_tag"]]: Extract<ConnectionEvent, { _tag: Tag }> } = {
  ClientNamed: { _tag: "ClientNamed", softwareName: "librdkafka", softwareVersion: "2.11.0" },
  ClientIdSeen: { _tag: "ClientIdSeen", clientId: "c" },
  AuthenticationBegan: { _tag: "AuthenticationBegan", mechanism: "SCRAM-SHA-256", tokens: "Bare" },
  Authenticated: { _tag: "Authenticated", principal: alice, expiresAtMs: 900 },
  AuthenticationFailed: { _tag: "AuthenticationFailed", untilMs: 300 },
  Throttled: { _tag: "Throttled", untilMs: 200 },
  ThrottleEnded: { _tag: "ThrottleEnded" },
  RequestRefused: { _tag: "RequestRefused", untilMs: 300 },
  BrokerStopping: { _tag: "BrokerStopping" },
  AllAnswered: { _tag: "AllAnswered" },
  Ended: { _tag: "Ended" }
}

type StateTag = ConnectionState["_tag"]
type EventTag = ConnectionEvent["_tag"]

/** Where each event leads; an event that is not named leaves the state as it is. */
const transitions: { readonly [State in StateTag]: { readonly [Event in EventTag]?: StateTag } } = {
  Unauthenticated: {
    AuthenticationBegan: "Authenticating",
    RequestRefused: "Refused",
    BrokerStopping: "Draining",
    Ended: "Closed"
  },
  Authenticating: {
    Authenticated: "Ready",
    AuthenticationFailed: "Refused",
    RequestRefused: "Refused",
    BrokerStopping: "Draining",
    Ended: "Closed"
  },
  Ready: {
    AuthenticationBegan: "Authenticating",
    Throttled: "Muted",
    RequestRefused: "Refused",
    BrokerStopping: "Draining",
    Ended: "Closed"
  },
  Muted: { ThrottleEnded: "Ready", RequestRefused: "Refused", BrokerStopping: "Draining", Ended: "Closed" },
  Draining: { AllAnswered: "Closing", Ended: "Closed" },
  Refused: { AllAnswered: "Closing", Ended: "Closed" },
  Closing: { Ended: "Closed" },
  Closed: {}
}

const stateTags = Object.keys(states) as ReadonlyArray<StateTag>
const eventTags = Object.keys(events) as ReadonlyArray<EventTag>

describe("ConnectionMachine", () => {
  for (const from of stateTags) {
    it(`${from}: every event leads where the table says, and changes no state in place`, () => {
      for (const tag of eventTags) {
        const before = structuredClone(states[from])
        const after = step(states[from], events[tag])
        assert.strictEqual(after._tag, transitions[from][tag] ?? from, tag)
        assert.deepStrictEqual(states[from], before)
        const keepsClient = tag !== "ClientNamed" && tag !== "ClientIdSeen"
        if (keepsClient) assert.strictEqual(after.client, client)
      }
    })
  }

  it("an end is never taken back: no event leads from a state that ends to one that takes requests", () => {
    for (const from of stateTags.filter((tag) => isEnding(states[tag]))) {
      for (const tag of eventTags) assert.isTrue(isEnding(step(states[from], events[tag])), `${from} ${tag}`)
    }
  })

  it("knows the client by what it says, in every state", () => {
    for (const from of stateTags) {
      const named = step(step(states[from], events.ClientNamed), events.ClientIdSeen)
      assert.deepStrictEqual(named, {
        ...states[from],
        client: { ...client, clientId: "c", softwareName: "librdkafka", softwareVersion: "2.11.0" }
      })
    }
  })

  it("is ready at once where the transport says who a client is, else after it authenticated", () => {
    assert.deepStrictEqual(initialState(client, anonymous), {
      _tag: "Ready",
      client,
      principal: anonymous,
      expiresAtMs: Infinity
    })
    const begun = step(initialState(client, undefined), events.AuthenticationBegan)
    assert.deepStrictEqual(begun, {
      _tag: "Authenticating",
      client,
      mechanism: "SCRAM-SHA-256",
      tokens: "Bare",
      before: undefined
    })
    assert.deepStrictEqual(step(begun, events.Authenticated), {
      _tag: "Ready",
      client,
      principal: alice,
      expiresAtMs: 900
    })
  })

  it("authenticates again, as the same principal only", () => {
    const again = step(states.Ready, events.AuthenticationBegan)
    assert.deepStrictEqual(again._tag === "Authenticating" && again.before, alice)
    assert.strictEqual(step(again, { ...events.Authenticated, principal: { type: "User", name: "eve" } }), again)
    assert.strictEqual(step(again, { ...events.Authenticated, principal: { ...alice } })._tag, "Ready")
  })

  it("stays muted for the longest of its throttles, and comes back as it was", () => {
    const longer = step(states.Muted, events.Throttled)
    assert.strictEqual(longer._tag === "Muted" && longer.untilMs, 200)
    const shorter = step(longer, { _tag: "Throttled", untilMs: 150 })
    assert.strictEqual(shorter._tag === "Muted" && shorter.untilMs, 200)
    assert.deepStrictEqual(step(longer, events.ThrottleEnded), states.Ready)
  })

  it("serves what each state allows, and after the session expired its renewal only", () => {
    const all: ReadonlyArray<Authentication> = ["NotNeeded", "Begins", "Continues", "Required"]
    const served = (state: ConnectionState, nowMs: number) => all.filter((one) => serves(state, one, nowMs))
    assert.deepStrictEqual(served(states.Unauthenticated, 0), ["NotNeeded", "Begins"])
    assert.deepStrictEqual(served(states.Authenticating, 0), ["Continues"])
    assert.deepStrictEqual(served(states.Ready, 499), all)
    assert.deepStrictEqual(served(states.Ready, 500), ["Begins"])
    for (const tag of stateTags) {
      assert.strictEqual(takesRequests(states[tag]), served(states[tag], 0).length > 0, tag)
    }
  })
})
