import { assert, describe, it } from "@effect/vitest"
import { type KafkaTool, runKafkaTool } from "../../src/KafkaTools.ts"
import { isMissing, target, uniqueName } from "../../src/Target.ts"

const tool = async (name: KafkaTool, args: ReadonlyArray<string>, input = ""): Promise<string> => {
  const result = await runKafkaTool(name, ["--bootstrap-server", target.bootstrap, ...args], {
    input,
    timeoutMs: 50_000
  })
  assert.strictEqual(result.code, 0, `${name} ${args.join(" ")}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

describe.skipIf(isMissing("java"))("Kafka's command line tools with groups", () => {
  for (const protocol of ["classic", "consumer"]) {
    it(`kafka-console-consumer reads through a ${protocol} group that kafka-consumer-groups describes`, async () => {
      const [topic, group] = [uniqueName("tools-group"), uniqueName("tools-group")]
      await tool("kafka-topics", ["--create", "--topic", topic, "--partitions", "1"])
      await tool("kafka-console-producer", ["--topic", topic], "a\nb\nc\nd\n")
      const settings = ["--command-property", `group.protocol=${protocol}`, "--timeout-ms", "20000"]
      const consume = ["--topic", topic, "--group", group, "--from-beginning", "--max-messages", "3", ...settings]
      assert.strictEqual(await tool("kafka-console-consumer", consume), "a\nb\nc\n")
      const described = await tool("kafka-consumer-groups", ["--describe", "--group", group])
      assert.match(described, new RegExp(`${group}\\s+${topic}\\s+0\\s+3\\s+4\\s+1\\s`))
      await tool("kafka-consumer-groups", ["--delete", "--group", group])
      assert.notInclude(await tool("kafka-consumer-groups", ["--list"]), group)
    })
  }
})
