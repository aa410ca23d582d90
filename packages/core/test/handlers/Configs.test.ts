import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeConfigRules } from "../../src/config/makeConfigRules.ts"
import { makeAlterConfigs } from "../../src/handlers/AlterConfigs.ts"
import { makeCreateTopics } from "../../src/handlers/CreateTopics.ts"
import { makeDescribeConfigs } from "../../src/handlers/DescribeConfigs.ts"
import { makeIncrementalAlterConfigs } from "../../src/handlers/IncrementalAlterConfigs.ts"
import { Metadata } from "../../src/metadata/Metadata.ts"
import { ask, layerAdmin as layerAdminOf, topicsNamed } from "./adminFixtures.ts"

/** With the rules of a real broker. */
const layerAdmin = (options: Parameters<typeof layerAdminOf>[0] = {}) =>
  layerAdminOf({ configRules: makeConfigRules(new Map()), ...options })

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const METRICS = 16
const GROUP = 32
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]

type Change = readonly [name: string, operation: number | undefined, value: string | null]

const resource = (resourceType: number, resourceName: string, ...changes: ReadonlyArray<Change>) => ({
  resourceType,
  resourceName,
  configs: changes.map(([name, operation, value]) => ({ name, configOperation: operation ?? 0, value }))
})

/** The broker's own rules; the controller's fixtures have simpler ones. */

const outcomes = (response: any) => response.responses.map((it: any) => [it.errorCode, it.errorMessage])

const alter = Effect.fnUntraced(function*(resources: ReadonlyArray<ReturnType<typeof resource>>, validateOnly = false) {
  const handler = yield* makeIncrementalAlterConfigs
  return outcomes(yield* ask(handler, 1, { resources: [...resources], validateOnly }))
})

const describeOne = Effect.fnUntraced(function*(
  resourceType: number,
  resourceName: string,
  keys: Array<string> | null
) {
  const response = yield* ask(yield* makeDescribeConfigs, 4, {
    resources: [{ resourceType, resourceName, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: false
  })
  return response.results[0]
})

const makeTopic = Effect.gen(function*() {
  yield* ask(yield* makeCreateTopics, 7, topicsNamed("t"))
})

const setTopic = (name: string, value: string) => resource(TOPIC, "t", [name, SET, value])

describe("IncrementalAlterConfigs", () => {
  it.effect("answers each resource as Kafka 4.3 does", () =>
    Effect.gen(function*() {
      yield* makeTopic
      const cases: ReadonlyArray<readonly [ReturnType<typeof resource>, number, string | null]> = [
        [setTopic("foo", "1"), 40, "Unknown topic config name: foo"],
        [setTopic("retention.ms", " +5000 "), 0, null],
        [resource(TOPIC, "nope", ["retention.ms", SET, "1"]), 3, "The topic 'nope' does not exist."],
        [resource(TOPIC, "", ["retention.ms", SET, "1"]), 42, "Default topic resources are not allowed."],
        [
          resource(TOPIC, "t", ["retention.ms", APPEND, "1"]),
          40,
          "Can't APPEND to key retention.ms because its type is not LIST."
        ],
        [resource(TOPIC, "t", ["foo", DELETE, null]), 0, null],
        [
          resource(TOPIC, "t", ["retention.ms", SET, "1"], ["retention.ms", SET, "2"]),
          42,
          "Error due to duplicate config keys"
        ],
        [resource(TOPIC, "t", ["retention.ms", SET, null]), 42, "Null value not supported for : retention.ms"],
        [
          resource(BROKER, "", ["num.partitions", SET, "3"]),
          42,
          "Cannot update these configs dynamically: [num.partitions]"
        ],
        [
          resource(BROKER, "", ["listeners", SET, "PLAINTEXT://:1"]),
          42,
          "Cannot update these configs at default cluster level, broker id must be specified: [listeners]"
        ],
        [
          resource(BROKER, "", ["message.max.bytes", APPEND, "x"]),
          40,
          "Config value append is not allowed for config key: message.max.bytes"
        ],
        [
          resource(BROKER, "1", ["ssl.keystore.location", SET, "/x"]),
          42,
          "These security configs can be dynamically updated only per-listener using the listener prefix: " +
          "[ssl.keystore.location]"
        ],
        [
          resource(BROKER, "1", ["sasl.enabled.mechanisms", SET, "PLAIN"]),
          42,
          "Cannot update these configs dynamically: [sasl.enabled.mechanisms]"
        ],
        [
          resource(BROKER, "", ["max.connections", SET, "5"], ["num.io.threads", SET, "9"]),
          42,
          "Cannot update these configs dynamically: [num.io.threads]"
        ],
        [resource(BROKER, "", ["max.connections", SET, "5"]), 0, null],
        [resource(BROKER, "", ["max.connections", DELETE, null], ["num.io.threads", DELETE, null]), 0, null],
        [resource(BROKER, "1", ["producer.id.expiration.ms", SET, "5000"]), 0, null],
        [
          resource(BROKER, "1", ["log.retention.ms", SET, "0"]),
          42,
          "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1"
        ],
        [resource(BROKER, "", ["foo.x", APPEND, "x"]), 40, "Unknown config name: foo.x"],
        [
          resource(BROKER, "", ["message.max.bytes", SET, "-1"]),
          42,
          "Invalid value -1 for configuration message.max.bytes: Value must be at least 0"
        ],
        [
          resource(BROKER, "99", ["message.max.bytes", SET, "1"]),
          42,
          "Unexpected broker id, expected 1, but received 99"
        ],
        [resource(BROKER, "x", ["message.max.bytes", SET, "1"]), 42, "Node id must be an integer, but it is: x"],
        [resource(LOGGER, "1", ["nope", SET, "DEBUG"]), 40, "Logger nope does not exist!"],
        [resource(LOGGER, "1", ["root", DELETE, ""]), 42, "Removing the log level of the root logger is not allowed"],
        [resource(METRICS, "", ["interval.ms", SET, "1000"]), 42, "Subscription name can't be empty"],
        [
          resource(METRICS, "m", ["interval.ms", SET, "1"]),
          42,
          "Invalid value 1 for interval.ms, interval must be between 100 and 3600000 (1 hour)"
        ],
        [resource(METRICS, "m", ["match", SET, "nope=1"]), 40, "Illegal client matching pattern: nope=1"],
        [
          resource(GROUP, "g", ["consumer.session.timeout.ms", SET, "1"]),
          40,
          "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms"
        ],
        [resource(GROUP, "g", ["nope", SET, "1"]), 40, "Unknown group config name: nope"],
        [resource(99, "x", ["a", SET, "1"]), 42, "Unknown resource type 99"]
      ]
      for (const [asked, code, message] of cases) {
        assert.deepStrictEqual(yield* alter([asked]), [[code, message]], JSON.stringify(asked))
      }
    }).pipe(Effect.provide(layerAdmin({ properties: { "node.id": "1" } }))))

  it.effect("appends to and subtracts from lists, beginning with the default", () =>
    Effect.gen(function*() {
      yield* makeTopic
      const policy = Effect.map(Metadata, (metadata) => metadata.current().topic("t")?.configs.get("cleanup.policy"))
      yield* alter([resource(TOPIC, "t", ["cleanup.policy", APPEND, "compact"])])
      assert.strictEqual(yield* policy, "delete,compact")
      yield* alter([resource(TOPIC, "t", ["cleanup.policy", SUBTRACT, "delete"])])
      assert.strictEqual(yield* policy, "compact")
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("changes nothing when it only validates, and refuses a resource named twice", () =>
    Effect.gen(function*() {
      yield* makeTopic
      assert.deepStrictEqual(yield* alter([setTopic("segment.ms", "77")], true), [[0, null]])
      const twice = [42, "Each resource must appear at most once."]
      assert.deepStrictEqual(yield* alter([setTopic("a", "1"), setTopic("b", "1")]), [twice, twice])
      assert.strictEqual((yield* Metadata).current().topic("t")?.configs.size, 0)
    }).pipe(Effect.provide(layerAdmin())))

  it.effect("asks for ALTER_CONFIGS on the topic, or on the cluster", () =>
    Effect.gen(function*() {
      const onCluster = resource(BROKER, "", ["message.max.bytes", SET, "1"])
      const response = yield* alter([setTopic("retention.ms", "1"), onCluster])
      assert.deepStrictEqual(response.map(([code]: [number]) => code), [29, 31])
    }).pipe(Effect.provide(layerAdmin({ denied: ["ALTER_CONFIGS TOPIC *", "ALTER_CONFIGS CLUSTER *"] }))))
})

describe("AlterConfigs", () => {
  it.effect.each([0, 1, 2])("version %i removes what it does not mention", (version) =>
    Effect.gen(function*() {
      yield* makeTopic
      yield* alter([resource(TOPIC, "t", ["retention.ms", SET, "1"], ["segment.ms", SET, "2"])])
      const configs = [{ name: "segment.ms", value: "3" }]
      const resources = [{ resourceType: TOPIC, resourceName: "t", configs }]
      const handler = yield* makeAlterConfigs
      assert.deepStrictEqual(outcomes(yield* ask(handler, version, { resources, validateOnly: false })), [[0, null]])
      const configsNow = (yield* Metadata).current().topic("t")!.configs
      assert.deepStrictEqual(Array.from(configsNow), [["segment.ms", "3"]])
    }).pipe(Effect.provide(layerAdmin())))
})

describe("DescribeConfigs", () => {
  it.effect("shows every level of a topic's config, strongest first", () =>
    Effect.gen(function*() {
      yield* makeTopic
      yield* alter([setTopic("segment.ms", " +5000 "), resource(BROKER, "1", ["log.roll.ms", SET, "1234567"])])
      const { configs } = yield* describeOne(TOPIC, "t", ["segment.ms", "flush.ms", "max.message.bytes"])
      const shown = configs.map((it: any) => [
        it.name,
        it.value,
        it.configSource,
        it.configType,
        it.synonyms.map((level: any) => `${level.name}=${level.value}@${level.source}`)
      ])
      assert.deepStrictEqual(shown, [
        ["flush.ms", "9223372036854775807", 5, 5, []],
        ["max.message.bytes", "2000", 4, 3, ["message.max.bytes=2000@4", "message.max.bytes=1048588@5"]],
        ["segment.ms", "5000", 1, 5, ["segment.ms=5000@1", "log.roll.ms=1234567@2", "log.roll.hours=168@5"]]
      ])
    }).pipe(Effect.provide(layerAdmin({ properties: { "node.id": "1", "message.max.bytes": "2000" } }))))

  it.effect("refuses as Kafka does", () =>
    Effect.gen(function*() {
      const refusal = (type: number, name: string) =>
        Effect.map(describeOne(type, name, null), (it) => [it.errorCode, it.errorMessage])
      assert.deepStrictEqual(yield* refusal(TOPIC, "nope"), [3, ""])
      assert.deepStrictEqual((yield* refusal(TOPIC, ""))[0], 17)
      assert.deepStrictEqual(yield* refusal(BROKER, "9"), [
        42,
        "Unexpected broker id, expected 1 or empty string, but received 9"
      ])
      assert.deepStrictEqual(yield* refusal(LOGGER, ""), [42, "Broker id must not be empty"])
      assert.deepStrictEqual(yield* refusal(METRICS, ""), [42, "Client metrics subscription name must not be empty"])
      assert.deepStrictEqual(yield* refusal(GROUP, ""), [42, "Group name must not be empty"])
    }).pipe(Effect.provide(layerAdmin({ properties: { "node.id": "1" } }))))

  it.effect("hides the value of a broker setting nobody declared", () =>
    Effect.gen(function*() {
      const { configs } = yield* describeOne(BROKER, "1", ["my.secret"])
      assert.deepStrictEqual(
        configs.map((it: any) => [it.value, it.isSensitive, it.configType, it.synonyms[0].value]),
        [[null, true, 0, null]]
      )
    }).pipe(Effect.provide(layerAdmin({ properties: { "node.id": "1", "my.secret": "x" } }))))
})
