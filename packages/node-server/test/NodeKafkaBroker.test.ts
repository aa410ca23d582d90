import { assert, describe, it } from "@effect/vitest"
import { AclAuthorizer, KafkaBroker, type Principal } from "@kafka-broker/core"
import { makeMemoryVolume, MemoryLogFiles } from "@kafka-broker/core/seams"
import { Effect } from "effect"
import { NodeKafkaBroker } from "../src/NodeKafkaBroker.ts"

const port = 0
const host: Principal = { type: "User", name: "host" }
const guest: Principal = { type: "User", name: "guest" }

const onlyHost = AclAuthorizer.layer({
  bindings: [],
  superUsers: ["User:host"],
  allowEveryoneIfNoAclFound: false
})

describe("NodeKafkaBroker.layer", () => {
  it.live("lets the host into its own broker under an authorizer, and clients for others by their names", () =>
    Effect.gen(function*() {
      const broker = yield* KafkaBroker
      yield* broker.client.createTopics([{ name: "t" }])
      const other = yield* broker.clientAs(guest)
      const refused = yield* Effect.flip(other.produce("t", [{ value: "x" }]))
      assert.strictEqual(refused.name, "TOPIC_AUTHORIZATION_FAILED")
      const again = yield* broker.clientAs(host)
      assert.deepStrictEqual(yield* again.listTopics, ["t"])
    }).pipe(
      Effect.scoped,
      Effect.provide(NodeKafkaBroker.layer({ port, memory: true, authorizer: onlyHost, clientPrincipal: host }))
    ))

  it.live("takes the files and an observer of its host", () =>
    Effect.gen(function*() {
      const volume = makeMemoryVolume()
      const seen: Array<string> = []
      const layer = NodeKafkaBroker.layer({
        port,
        files: MemoryLogFiles.layer(volume),
        observer: ({ api }) => seen.push(api)
      })
      const run = <A, E>(use: Effect.Effect<A, E, KafkaBroker>) => Effect.provide(use, layer, { local: true })
      yield* run(Effect.flatMap(KafkaBroker, ({ client }) => client.createTopics([{ name: "kept" }])))
      assert.include(seen, "CreateTopics")
      assert.isTrue(volume.files.has(".kafka_cleanshutdown"))
      assert.deepStrictEqual(yield* run(Effect.flatMap(KafkaBroker, ({ client }) => client.listTopics)), ["kept"])
    }))
})
