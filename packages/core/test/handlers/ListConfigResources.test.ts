import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeConfigRules } from "../../src/config/makeConfigRules.ts"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeIncrementalAlterConfigs } from "../../src/handlers/IncrementalAlterConfigs.ts"
import { makeListConfigResources } from "../../src/handlers/ListConfigResources.ts"
import { ask, layerAdmin as layerAdminOf, topicsNamed } from "./adminFixtures.ts"

/** With the rules of a real broker. */
const layerAdmin = (options: Parameters<typeof layerAdminOf>[0] = {}) =>
  layerAdminOf({ configRules: makeConfigRules(new Map()), ...options })

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const METRICS = 16
const GROUP = 32
const [SET, DELETE] = [0, 1]

const change = Effect.fnUntraced(function*(type: number, name: string, config: string, value: string | null) {
  const handler = yield* makeIncrementalAlterConfigs
  const configs = [{ name: config, configOperation: value === null ? DELETE : SET, value }]
  const { responses } = yield* ask(handler, 1, {
    resources: [{ resourceType: type, resourceName: name, configs }],
    validateOnly: false
  })
  assert.strictEqual(responses[0].errorCode, 0)
})

const list = Effect.fnUntraced(function*(version: number, ...resourceTypes: Array<number>) {
  return yield* ask(yield* makeListConfigResources, version, { resourceTypes })
})

const resources = (...pairs: ReadonlyArray<readonly [string, number]>) => ({
  throttleTimeMs: 0,
  errorCode: 0,
  configResources: pairs.map(([resourceName, resourceType]) => ({ resourceName, resourceType }))
})

const refused = (errorCode: number) => ({ throttleTimeMs: 0, errorCode, configResources: [] })

/** A topic, and one group and one subscription that have configs. */
const setUp = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed("t"))
  yield* change(GROUP, "g:1", "consumer.session.timeout.ms", "50000")
  yield* change(METRICS, "m", "interval.ms", "1000")
})

describe("ListConfigResources", () => {
  it.effect("version 0 lists subscriptions to client metrics", () =>
    Effect.gen(function*() {
      yield* setUp
      assert.deepStrictEqual(yield* list(0), resources(["m", METRICS]))
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("version 1 lists all kinds when asked for none, groups first", () =>
    Effect.gen(function*() {
      yield* setUp
      const all = resources(["g:1", GROUP], ["m", METRICS], ["1", LOGGER], ["1", BROKER], ["t", TOPIC])
      assert.deepStrictEqual(yield* list(1), all)
      assert.deepStrictEqual(yield* list(1, TOPIC, BROKER, LOGGER, METRICS, GROUP, GROUP), all)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("version 1 lists the kinds asked for", () =>
    Effect.gen(function*() {
      yield* setUp
      assert.deepStrictEqual(yield* list(1, GROUP), resources(["g:1", GROUP]))
      assert.deepStrictEqual(yield* list(1, TOPIC, METRICS), resources(["m", METRICS], ["t", TOPIC]))
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("a group whose last config is deleted is listed no more", () =>
    Effect.gen(function*() {
      yield* setUp
      yield* change(GROUP, "g:1", "consumer.session.timeout.ms", null)
      assert.deepStrictEqual(yield* list(1, GROUP), resources())
    }).pipe(Effect.provide(layerAdmin())))

  it.effect.each([0, 1, 3, 64, -1])("kind %i is unknown, and the request is refused", (type) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(1, TOPIC, type), refused(35))
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("only those who may describe the cluster's configs are served", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(0), refused(31))
      assert.deepStrictEqual(yield* list(1, 99), refused(31))
    }).pipe(Effect.provide(layerAdmin({ denied: ["DESCRIBE_CONFIGS CLUSTER kafka-cluster"] }))))
})
