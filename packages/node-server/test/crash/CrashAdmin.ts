import { CreateTopics } from "../../../core/src/protocol/apis/CreateTopics.ts"
import { DeleteTopics } from "../../../core/src/protocol/apis/DeleteTopics.ts"
import { DescribeConfigs } from "../../../core/src/protocol/apis/DescribeConfigs.ts"
import { IncrementalAlterConfigs } from "../../../core/src/protocol/apis/IncrementalAlterConfigs.ts"
import { Metadata } from "../../../core/src/protocol/apis/Metadata.ts"
import { Uuid } from "../../../core/src/model/Uuid.ts"
import type { Prng } from "../../../testkit/test/fuzz/Prng.ts"
import type { SocketClient } from "./SocketClient.ts"

interface KnownTopic {
  readonly partitions: number
  retentionMs: string
  /** A change that was not acknowledged: it may be there or not. */
  changingTo?: string
}

/** An administrator who makes, changes and deletes topics until the connection is gone, and knows what was confirmed. */
export class CrashAdmin {
  private readonly prng: Prng
  private readonly known = new Map<string, KnownTopic>()
  private readonly deleted = new Set<string>()
  private count = 0

  constructor(prng: Prng) {
    this.prng = prng
  }

  /** Completes when the connection is gone. */
  async run(client: SocketClient): Promise<void> {
    try {
      for (let i = 0; i < 6; i++) {
        await this.create(client)
        await this.change(client)
        if (this.known.size > 5) await this.delete(client)
      }
    } catch (error) {
      if (!(error instanceof Error && error.message === "the connection is gone")) throw error
    }
  }

  private async create(client: SocketClient): Promise<void> {
    const name = `made-${this.count++}`
    const topic: KnownTopic = {
      partitions: this.prng.between(1, 3),
      retentionMs: String(this.prng.between(1, 9) * 10 ** 9)
    }
    const { topics } = await client.request(CreateTopics, 7, {
      topics: [{
        name,
        numPartitions: topic.partitions,
        replicationFactor: -1,
        assignments: [],
        configs: [{ name: "retention.ms", value: topic.retentionMs }]
      }]
    })
    if (topics[0]!.errorCode !== 0) throw new Error(`creating ${name}: ${topics[0]!.errorCode}`)
    this.known.set(name, topic)
  }

  private async change(client: SocketClient): Promise<void> {
    const name = this.prng.pick([...this.known.keys()])
    const topic = this.known.get(name)!
    topic.changingTo = String(this.prng.between(1, 9) * 10 ** 8)
    const { responses } = await client.request(IncrementalAlterConfigs, 1, {
      resources: [{
        resourceType: 2,
        resourceName: name,
        configs: [{ name: "retention.ms", configOperation: 0, value: topic.changingTo }]
      }],
      validateOnly: false
    })
    if (responses[0]!.errorCode !== 0) throw new Error(`changing ${name}: ${responses[0]!.errorCode}`)
    topic.retentionMs = topic.changingTo
    delete topic.changingTo
  }

  private async delete(client: SocketClient): Promise<void> {
    const name = this.prng.pick([...this.known.keys()])
    // Until it is answered nobody knows: it is not looked for in either case.
    this.known.delete(name)
    const { responses } = await client.request(DeleteTopics, 6, {
      topics: [{ name, topicId: Uuid.zero }],
      topicNames: [],
      timeoutMs: 10_000
    })
    if (responses[0]!.errorCode !== 0) throw new Error(`deleting ${name}: ${responses[0]!.errorCode}`)
    this.deleted.add(name)
  }

  /** What a broker that started again has forgotten, if anything. */
  async check(client: SocketClient): Promise<string | undefined> {
    const { topics } = await client.request(Metadata, 12, {
      topics: null,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false
    })
    const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions]))
    for (const name of this.deleted) if (partitions.has(name)) return `the deleted topic ${name} is back`
    for (const [name, topic] of this.known) {
      const found = partitions.get(name)
      if (found?.length !== topic.partitions) return `${name} has ${found?.length} partitions, not ${topic.partitions}`
      const failed = found.find(({ errorCode }) => errorCode !== 0)
      if (failed !== undefined) return `${name}-${failed.partitionIndex} has error ${failed.errorCode}`
      const problem = await this.checkConfig(client, name, topic)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  private async checkConfig(client: SocketClient, name: string, topic: KnownTopic): Promise<string | undefined> {
    const { results } = await client.request(DescribeConfigs, 4, {
      resources: [{ resourceType: 2, resourceName: name, configurationKeys: ["retention.ms"] }]
    })
    const value = results[0]!.configs[0]?.value
    if (value === undefined || (value !== topic.retentionMs && value !== topic.changingTo)) {
      return `retention.ms of ${name} is ${value}`
    }
    topic.retentionMs = value
    delete topic.changingTo
    return undefined
  }
}
