import { assert, describe, it } from "@effect/vitest"
import {
  type AlterConfigsReply,
  type ConfigResourceChange,
  decideAlterConfigs
} from "../../../src/actors/controller/alterConfigs.ts"
import type { ControllerDecision } from "../../../src/actors/controller/Controller.ts"
import type { ErrorCode } from "../../../src/model/ErrorCode.ts"
import type { ClusterImage } from "../../../src/metadata/ClusterImage.ts"
import { configRecord, imageOf, testConfigRules, testId, topicRecords } from "./fixtures.ts"

const image = imageOf([
  ...topicRecords("t", testId(1), 1),
  configRecord(2, "t", "retention.ms", "5"),
  configRecord(2, "t", "cleanup.policy", "compact"),
  configRecord(4, "", "log.cleaner.threads", "2")
])

const decide = (
  resource: ConfigResourceChange,
  options: {
    readonly mode?: "incremental" | "full"
    readonly validateOnly?: boolean
    readonly image?: ClusterImage
  } = {}
) =>
  decideAlterConfigs(options.image ?? image, {
    resources: [resource],
    mode: options.mode ?? "incremental",
    validateOnly: options.validateOnly ?? false
  }, testConfigRules)

const topic = (...changes: ConfigResourceChange["changes"]): ConfigResourceChange => ({
  type: "TOPIC",
  name: "t",
  changes
})

const refusal = (errorCode: ErrorCode, errorMessage: string): ControllerDecision<AlterConfigsReply> => ({
  records: [],
  reply: { _tag: "Results", results: [{ errorCode, errorMessage }] }
})

describe("decideAlterConfigs", () => {
  it("sets and deletes keys", () => {
    const { records, reply } = decide(topic(
      { name: "segment.ms", operation: "SET", value: "9" },
      { name: "retention.ms", operation: "DELETE", value: null }
    ))
    assert.deepStrictEqual(records, [
      configRecord(2, "t", "segment.ms", "9"),
      configRecord(2, "t", "retention.ms", null)
    ])
    assert.deepStrictEqual(reply, { _tag: "Results", results: [undefined] })
  })

  it("writes no record for a topic config that stays as it is, but one for a broker config", () => {
    assert.deepStrictEqual(decide(topic({ name: "retention.ms", operation: "SET", value: "5" })).records, [])
    const broker: ConfigResourceChange = {
      type: "BROKER",
      name: "",
      changes: [{ name: "log.cleaner.threads", operation: "SET", value: "2" }]
    }
    assert.deepStrictEqual(decide(broker).records, [configRecord(4, "", "log.cleaner.threads", "2")])
  })

  it("appends to and subtracts from lists, without repeating what is there", () => {
    const change = (operation: "APPEND" | "SUBTRACT", value: string) =>
      decide(topic({ name: "cleanup.policy", operation, value })).records
    assert.deepStrictEqual(change("APPEND", "delete,compact"), [
      configRecord(2, "t", "cleanup.policy", "compact,delete")
    ])
    assert.deepStrictEqual(change("SUBTRACT", "compact"), [configRecord(2, "t", "cleanup.policy", "")])
  })

  it("refuses list operations on what is no list", () => {
    assert.deepStrictEqual(
      decide(topic({ name: "retention.ms", operation: "APPEND", value: "1" })),
      refusal(40, "Can't APPEND to key retention.ms because its type is not LIST.")
    )
  })

  it("in full mode removes every key that is not mentioned", () => {
    const { records } = decide(topic({ name: "retention.ms", operation: "SET", value: "7" }), { mode: "full" })
    assert.deepStrictEqual(records, [
      configRecord(2, "t", "retention.ms", "7"),
      configRecord(2, "t", "cleanup.policy", null)
    ])
  })

  it("changes nothing of a resource when one key is refused", () => {
    assert.deepStrictEqual(
      decide(topic(
        { name: "retention.ms", operation: "SET", value: "6" },
        { name: "segment.ms", operation: "SET", value: "x" }
      )),
      refusal(40, "Invalid value x for configuration segment.ms: Not a number of type LONG")
    )
  })

  it("refuses resources that do not exist", () => {
    const changes: ConfigResourceChange["changes"] = []
    assert.deepStrictEqual(
      decide({ type: "TOPIC", name: "none", changes }),
      refusal(3, "The topic 'none' does not exist.")
    )
    assert.deepStrictEqual(decide({ type: "BROKER", name: "5", changes }), refusal(102, "No node with id 5 found."))
    assert.deepStrictEqual(decide({ type: "BROKER", name: "x", changes }), refusal(42, "Invalid broker name x"))
  })

  it("writes nothing when only validating", () => {
    const result = decide(topic({ name: "retention.ms", operation: "SET", value: "7" }), { validateOnly: true })
    assert.deepStrictEqual(result, { records: [], reply: { _tag: "Results", results: [undefined] } })
  })
})

describe("decideAlterConfigs with eligible leader replicas", () => {
  const feature = { _tag: "FeatureLevel", name: "eligible.leader.replicas.version", featureLevel: 1 } as const
  const enabled = imageOf([
    feature,
    ...topicRecords("t", testId(1), 1),
    configRecord(4, "", "min.insync.replicas", "1")
  ])
  const broker = (name: string, ...changes: ConfigResourceChange["changes"]): ConfigResourceChange => ({
    type: "BROKER",
    name,
    changes
  })
  const set = (value: string) => ({ name: "min.insync.replicas", operation: "SET", value }) as const
  const remove = { name: "min.insync.replicas", operation: "DELETE", value: null } as const
  const notOfBroker = refusal(40, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
  const notRemoved = refusal(40, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")

  it("refuses a min.insync.replicas for one broker, set or removed", () => {
    assert.deepStrictEqual(decide(broker("1", set("2")), { image: enabled }), notOfBroker)
    assert.deepStrictEqual(decide(broker("1", remove), { image: enabled }), notOfBroker)
  })

  it("refuses to remove the cluster's, also by not mentioning it in a full change", () => {
    assert.deepStrictEqual(decide(broker("", remove), { image: enabled }), notRemoved)
    const other = broker("", { name: "log.cleaner.threads", operation: "SET", value: "2" })
    assert.deepStrictEqual(decide(other, { image: enabled, mode: "full" }), notRemoved)
  })

  it("clears the eligible leaders of the topic or of all topics when min.insync.replicas changes", () => {
    assert.deepStrictEqual(decide(topic(set("2")), { image: enabled }).records, [
      configRecord(2, "t", "min.insync.replicas", "2"),
      { _tag: "ClearElr", topicName: "t" }
    ])
    assert.deepStrictEqual(decide(broker("", set("2")), { image: enabled }).records, [
      configRecord(4, "", "min.insync.replicas", "2"),
      { _tag: "ClearElr", topicName: "" }
    ])
  })

  it("leaves all of that alone in a cluster without them", () => {
    for (const change of [broker("1", set("2")), broker("1", remove), broker("", remove), topic(set("2"))]) {
      assert.deepStrictEqual(decide(change).records.map(({ _tag }) => _tag), ["Config"])
    }
  })
})
