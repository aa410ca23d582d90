import { apis } from "@kafka-broker/core/protocol"
import { type Case, eachOf, eachVersion, test } from "../Case.ts"
import type { Body, Probe } from "../Probe.ts"

const { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } = apis

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

const describeRequest = (resourceType: number, resourceName: string, keys: ReadonlyArray<string> | null): Body => ({
  resources: [{ resourceType, resourceName, configurationKeys: keys }],
  includeSynonyms: true,
  includeDocumentation: false
})

const alterRequest = (
  resourceName: string,
  configs: Readonly<Record<string, string | null>>,
  options: Body = {}
): Body => ({
  resources: [{
    resourceType: TOPIC,
    resourceName,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    ...options
  }],
  validateOnly: false
})

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Change = readonly [name: string, operation: number, value: string | null]

const changeRequest = (resourceName: string, changes: ReadonlyArray<Change>, options: Body = {}): Body => ({
  resources: [{
    resourceType: TOPIC,
    resourceName,
    configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
    ...options
  }],
  validateOnly: false
})

/** Reads the topic's own configs, waiting for what was just written to be seen. */
const showOwn = async (probe: Probe, name: string, isWanted: (values: Readonly<Record<string, string>>) => boolean) => {
  const ownOnly = (body: Body): Body => body.results[0].configs.filter((config: Body) => config.configSource === 1)
  await probe.until(
    DescribeConfigs,
    4,
    describeRequest(TOPIC, name, null),
    (body) => isWanted(Object.fromEntries(ownOnly(body).map((config: Body) => [config.name, config.value]))),
    { label: "the topic's own configs", view: ownOnly }
  )
}

const describing: ReadonlyArray<Case> = [
  ...eachVersion(DescribeConfigs, [1, 4], "all configs of a topic", async (probe, version) => {
    const topic = await probe.topic({ configs: { "retention.ms": "5000", "cleanup.policy": "compact" } })
    await probe.send(DescribeConfigs, version, describeRequest(TOPIC, topic.name, null))
  }),
  ...eachVersion(DescribeConfigs, [1, 4], "some configs of a topic, unknown keys, no keys", async (probe, version) => {
    const topic = await probe.topic({ configs: { "retention.ms": "5000" } })
    const keys = ["retention.ms", "segment.bytes", "no.such.config"]
    await probe.send(DescribeConfigs, version, describeRequest(TOPIC, topic.name, keys))
    await probe.send(DescribeConfigs, version, describeRequest(TOPIC, topic.name, []), { label: "no keys" })
    await probe.send(DescribeConfigs, version, describeRequest(TOPIC, "no-such-topic", null), { label: "unknown" })
    await probe.send(DescribeConfigs, version, describeRequest(TOPIC, "a b", null), { label: "bad name" })
  }),
  test("DescribeConfigs: without synonyms, with documentation", async (probe) => {
    const topic = await probe.topic({ configs: { "retention.ms": "5000" } })
    const request = { ...describeRequest(TOPIC, topic.name, ["retention.ms", "cleanup.policy"]) }
    await probe.send(DescribeConfigs, 4, { ...request, includeSynonyms: false })
    await probe.send(DescribeConfigs, 4, { ...request, includeDocumentation: true })
  }),
  ...eachVersion(DescribeConfigs, [1, 4], "configs of the broker", async (probe, version) => {
    const keys = [
      "num.partitions",
      "auto.create.topics.enable",
      "log.retention.ms",
      "log.segment.bytes",
      "message.max.bytes"
    ]
    await probe.send(DescribeConfigs, version, describeRequest(BROKER, "1", keys))
  }),
  ...eachOf<readonly [number, string]>(
    {
      "another broker": [BROKER, "9"],
      "a broker that is no number": [BROKER, "one"],
      "the default broker": [BROKER, ""],
      "resource type 0": [0, "x"],
      "resource type 1": [1, "x"],
      "resource type 3": [3, "x"],
      "resource type 99": [99, "x"],
      "an empty topic": [TOPIC, ""]
    },
    (name) => `DescribeConfigs: ${name}`,
    async (probe, [type, name]) => {
      await probe.send(DescribeConfigs, 4, describeRequest(type, name, ["num.partitions", "retention.ms"]))
    }
  ),
  test("DescribeConfigs: several resources, the same twice", async (probe) => {
    const topic = await probe.topic()
    const one = describeRequest(TOPIC, topic.name, ["retention.ms"]).resources[0]
    const unknown = describeRequest(TOPIC, "no-such-topic", null).resources[0]
    await probe.send(DescribeConfigs, 4, { resources: [one, unknown], includeSynonyms: false })
    await probe.send(DescribeConfigs, 4, { resources: [one, one], includeSynonyms: false }, { label: "twice" })
    await probe.send(DescribeConfigs, 4, { resources: [], includeSynonyms: false }, { label: "none" })
  })
]

/** One at a time; the thread pools are those that have the same size in both brokers. */
const brokerSettings: ReadonlyArray<string> = [
  "background.threads=4",
  "background.threads=20",
  "background.threads=21",
  "num.replica.fetchers=3",
  "log.cleaner.threads=3",
  "log.cleaner.dedupe.buffer.size=1",
  "log.retention.ms=0",
  "log.retention.ms=-1",
  "log.roll.ms=0",
  "max.connections.per.ip=0",
  "ssl.keystore.location=/x",
  "sasl.enabled.mechanisms=PLAIN",
  "no.such.setting=1"
]

const altering: ReadonlyArray<Case> = [
  ...eachVersion(AlterConfigs, [0, 2], "replaces all configs of a topic", async (probe, version) => {
    const topic = await probe.topic({ configs: { "retention.ms": "5000" } })
    await probe.send(AlterConfigs, version, alterRequest(topic.name, { "segment.ms": "7000", "flush.ms": "9" }))
    await showOwn(probe, topic.name, (values) => values["flush.ms"] === "9" && values["retention.ms"] === undefined)
    await probe.send(AlterConfigs, version, alterRequest(topic.name, {}), { label: "none" })
    await showOwn(probe, topic.name, (values) => values["flush.ms"] === undefined)
  }),
  ...eachOf<Body>(
    {
      "unknown config": { "no.such.config": "1" },
      "malformed value": { "retention.ms": "abc" },
      "null value": { "retention.ms": null },
      "one good, one bad": { "flush.ms": "5", "segment.bytes": "1" }
    },
    (name) => `AlterConfigs: ${name}`,
    async (probe, configs) => {
      const topic = await probe.topic({ configs: { "retention.ms": "5000" } })
      await probe.send(AlterConfigs, 2, alterRequest(topic.name, configs))
      await showOwn(probe, topic.name, () => true)
    }
  ),
  test("AlterConfigs: unknown topic, bad name, bad type, validateOnly", async (probe) => {
    const topic = await probe.topic()
    await probe.send(AlterConfigs, 2, alterRequest("no-such-topic", { "retention.ms": "5" }), { label: "unknown" })
    await probe.send(AlterConfigs, 2, alterRequest("a b", { "retention.ms": "5" }), { label: "bad name" })
    await probe.send(AlterConfigs, 2, alterRequest("x", { a: "5" }, { resourceType: 3 }), { label: "type 3" })
    await probe.send(AlterConfigs, 2, alterRequest("x", { a: "5" }, { resourceType: 99 }), { label: "type 99" })
    const validated = { ...alterRequest(topic.name, { "retention.ms": "5" }), validateOnly: true }
    await probe.send(AlterConfigs, 2, validated, { label: "validateOnly" })
    const malformed = { ...alterRequest(topic.name, { "retention.ms": "x" }), validateOnly: true }
    await probe.send(AlterConfigs, 2, malformed, { label: "validateOnly, malformed" })
    await showOwn(probe, topic.name, () => true)
  }),
  // The same topic twice is left out: Kafka never answers that.
  test("AlterConfigs: the same config twice", async (probe) => {
    const topic = await probe.topic()
    const one = alterRequest(topic.name, { "retention.ms": "5" }).resources[0]
    const configs = [{ name: "flush.ms", value: "1" }, { name: "flush.ms", value: "2" }]
    await probe.send(AlterConfigs, 2, { resources: [{ ...one, configs }], validateOnly: false }, { label: "config" })
  }),
  ...eachVersion(IncrementalAlterConfigs, [0, 1], "sets, appends, subtracts, deletes", async (probe, version) => {
    const topic = await probe.topic({ configs: { "retention.ms": "5000" } })
    await probe.send(IncrementalAlterConfigs, version, changeRequest(topic.name, [["flush.ms", SET, "77"]]))
    await showOwn(probe, topic.name, (values) => values["flush.ms"] === "77")
    await probe.send(
      IncrementalAlterConfigs,
      version,
      changeRequest(topic.name, [
        ["cleanup.policy", APPEND, "compact"],
        ["retention.ms", DELETE, null]
      ])
    )
    await showOwn(probe, topic.name, (values) => values["cleanup.policy"] !== undefined)
    await probe.send(
      IncrementalAlterConfigs,
      version,
      changeRequest(topic.name, [["cleanup.policy", SUBTRACT, "delete"]])
    )
    await showOwn(probe, topic.name, (values) => values["cleanup.policy"] === "compact")
  }),
  ...eachOf<ReadonlyArray<Change>>(
    {
      "unknown config": [["no.such.config", SET, "1"]],
      "malformed value": [["retention.ms", SET, "abc"]],
      "value below the minimum": [["segment.bytes", SET, "1"]],
      "null value": [["retention.ms", SET, null]],
      "null appended": [["cleanup.policy", APPEND, null]],
      "append to what is no list": [["retention.ms", APPEND, "5"]],
      "subtract from what is no list": [["retention.ms", SUBTRACT, "5"]],
      "append what is there": [["cleanup.policy", APPEND, "delete"]],
      "append two": [["cleanup.policy", APPEND, "compact,delete"]],
      "append what is unknown": [["cleanup.policy", APPEND, "shrink"]],
      "subtract what is not there": [["cleanup.policy", SUBTRACT, "compact"]],
      "subtract the last": [["cleanup.policy", SUBTRACT, "delete"]],
      "delete what is not set": [["segment.ms", DELETE, null]],
      "delete an unknown config": [["no.such.config", DELETE, null]],
      "operation 4": [["retention.ms", 4, "5"]],
      "operation -1": [["retention.ms", -1, "5"]],
      "the same config twice": [["retention.ms", SET, "5"], ["retention.ms", SET, "6"]],
      "set and delete": [["retention.ms", SET, "5"], ["retention.ms", DELETE, null]],
      "no changes": [],
      "one good, one bad": [["flush.ms", SET, "5"], ["segment.bytes", SET, "x"]]
    },
    (name) => `IncrementalAlterConfigs: ${name}`,
    async (probe, changes) => {
      const topic = await probe.topic()
      await probe.send(IncrementalAlterConfigs, 1, changeRequest(topic.name, changes))
    }
  ),
  test("min.insync.replicas of a cluster with eligible leader replicas", async (probe) => {
    const of = (name: string, operation: number, value: string | null): Body => ({
      resources: [{
        resourceType: BROKER,
        resourceName: name,
        configs: [{ name: "min.insync.replicas", configOperation: operation, value }]
      }],
      validateOnly: true
    })
    await probe.send(DescribeConfigs, 4, describeRequest(BROKER, "", ["min.insync.replicas"]), {
      label: "the cluster's"
    })
    await probe.send(DescribeConfigs, 4, describeRequest(BROKER, "1", ["min.insync.replicas"]), {
      label: "the broker's"
    })
    await probe.send(IncrementalAlterConfigs, 1, of("1", SET, "1"), { label: "set for a broker" })
    await probe.send(IncrementalAlterConfigs, 1, of("1", DELETE, null), { label: "delete for a broker" })
    await probe.send(IncrementalAlterConfigs, 1, of("", SET, "2"), { label: "set for the cluster" })
    await probe.send(IncrementalAlterConfigs, 1, of("", DELETE, null), { label: "delete for the cluster" })
    const other = alterRequest("", { "max.connections": "100" }, { resourceType: BROKER })
    await probe.send(AlterConfigs, 2, { ...other, validateOnly: true }, { label: "not mentioned for the cluster" })
  }),
  test("IncrementalAlterConfigs: unknown topic, bad type, broker 9, twice, validateOnly", async (probe) => {
    const topic = await probe.topic()
    const set: ReadonlyArray<Change> = [["retention.ms", SET, "5"]]
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("no-such-topic", set), { label: "unknown topic" })
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("", set), { label: "empty name" })
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("x", set, { resourceType: 3 }), { label: "type 3" })
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("x", set, { resourceType: 99 }), { label: "type 99" })
    const cleaner: ReadonlyArray<Change> = [["log.cleaner.threads", SET, "1"]]
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("9", cleaner, { resourceType: BROKER }), {
      label: "broker 9"
    })
    await probe.send(IncrementalAlterConfigs, 1, changeRequest("one", cleaner, { resourceType: BROKER }), {
      label: "broker one"
    })
    const one = changeRequest(topic.name, set).resources[0]
    await probe.send(IncrementalAlterConfigs, 1, { resources: [one, one], validateOnly: false }, { label: "twice" })
    await probe.send(IncrementalAlterConfigs, 1, { resources: [one], validateOnly: true }, { label: "validateOnly" })
    await showOwn(probe, topic.name, () => true)
  }),
  ...["1", ""].map((broker) =>
    test(`IncrementalAlterConfigs: settings that a running broker '${broker}' refuses or takes`, async (probe) => {
      for (const setting of brokerSettings) {
        const [name, value] = setting.split("=") as [string, string]
        const body = changeRequest(broker, [[name, SET, value]], { resourceType: BROKER })
        await probe.send(IncrementalAlterConfigs, 1, { ...body, validateOnly: true }, { label: setting })
      }
    })
  )
]

/** Other cases leave topics and groups behind: what is compared is this case's own, and all that is no topic or group. */
const resourcesOf = (probe: Probe) => ({ configResources, ...body }: Body): Body => ({
  ...body,
  configResources: configResources.filter(({ resourceName, resourceType }: Body) =>
    resourceName.startsWith(probe.prefix) || resourceType === BROKER || resourceType === LOGGER
  )
})

const listing: ReadonlyArray<Case> = [
  test("ListConfigResources: all kinds, some, unknown ones", async (probe) => {
    const view = resourcesOf(probe)
    await probe.topic()
    await probe.topic()
    const [groupId, metrics] = [probe.name("-group"), probe.name("-metrics")]
    const changes: ReadonlyArray<readonly [number, string, string, string]> = [
      [GROUP, groupId, "consumer.session.timeout.ms", "50000"],
      [CLIENT_METRICS, metrics, "interval.ms", "1000"]
    ]
    const change = (operation: number): Body => ({
      resources: changes.map(([resourceType, name, config, value]) =>
        changeRequest(name, [[config, operation, operation === SET ? value : null]], { resourceType }).resources[0]
      ),
      validateOnly: false
    })
    const own = (body: Body): number =>
      body.configResources.filter(({ resourceName }: Body) => resourceName === groupId || resourceName === metrics)
        .length
    await probe.send(IncrementalAlterConfigs, 1, change(SET))
    await probe.until(ListConfigResources, 1, { resourceTypes: [] }, (body) => own(body) === 2, { label: "all", view })
    await probe.send(ListConfigResources, 0, {}, { view })
    for (const resourceTypes of [[TOPIC], [BROKER], [LOGGER], [CLIENT_METRICS], [GROUP], [TOPIC, GROUP, GROUP]]) {
      await probe.send(ListConfigResources, 1, { resourceTypes }, { label: `kinds ${resourceTypes.join()}`, view })
    }
    for (const resourceTypes of [[0], [1], [3], [64], [-1], [TOPIC, 99]]) {
      await probe.send(ListConfigResources, 1, { resourceTypes }, { label: `kinds ${resourceTypes.join()}`, view })
    }
    await probe.send(IncrementalAlterConfigs, 1, change(DELETE))
    await probe.until(ListConfigResources, 1, { resourceTypes: [] }, (body) => own(body) === 0, { label: "gone", view })
  })
]

export const configCases: ReadonlyArray<Case> = [...describing, ...altering, ...listing]
