import { setTimeout as delay } from "node:timers/promises"
import { type AnyApi, apis, Frame } from "@kafka-broker/core/protocol"
import { RawConnection } from "./RawConnection.ts"

/** The values of a request or response; cases read and write them without the types of a version. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any

/** One recorded request of a case with what the broker answered. */
export interface Step {
  readonly label: string
  readonly api: string
  readonly answer: unknown
}

export interface SendOptions {
  /** Shown in the diff; the API's name and version when absent. */
  readonly label?: string
  /** The part of the answer that is compared; all of it when absent. */
  readonly view?: (body: Body) => unknown
  readonly clientId?: string | null
  readonly timeoutMs?: number
}

export interface TopicOptions {
  /** One that no other case uses when absent. */
  readonly name?: string
  /** The client may not describe it. */
  readonly isClosed?: boolean
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface Topic {
  readonly name: string
  readonly id: string
}

export interface Address {
  readonly host: string
  readonly port: number
}

const join = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(chunks)

/** Sends one case's requests to one broker and records the answers. */
export class Probe {
  readonly steps: Array<Step> = []
  /** Names of the topics made by {@link topic}, by id: an id is compared by its topic's name. */
  readonly topicIds = new Map<string, string>()
  readonly address: Address
  /** The same for both brokers and different for every case. */
  readonly prefix: string
  private connection: RawConnection | undefined
  private correlationId = 100
  private made = 0

  constructor(address: Address, prefix: string) {
    this.address = address
    this.prefix = prefix
  }

  private connected(): RawConnection {
    if (this.connection === undefined || this.connection.closed) {
      this.connection = new RawConnection(this.address.host, this.address.port)
    }
    return this.connection
  }

  /** Starts again on a new connection. */
  reconnect(): void {
    this.connection?.close()
    this.connection = undefined
  }

  /** The answer's body, or a sentence when none came. */
  private async exchange(api: AnyApi, version: number, body: Body, options: SendOptions): Promise<Body> {
    const connection = this.connected()
    const header = {
      correlationId: ++this.correlationId,
      clientId: options.clientId === undefined ? "differential" : options.clientId
    }
    connection.write(join(Frame.encodeRequest(api, version, header, body)))
    const answer = await connection.read(options.timeoutMs ?? 8_000)
    if (typeof answer === "string") {
      this.reconnect()
      return answer
    }
    const decoded = Frame.decodeResponse(api, version, answer)
    if (decoded.correlationId !== header.correlationId) return `answer to request ${decoded.correlationId}`
    return decoded.body
  }

  record(label: string, api: string, answer: unknown): void {
    this.steps.push({ label, api, answer })
  }

  /** Sends a request and records the answer; returns its body, or undefined when none came. */
  async send(api: AnyApi, version: number, body: Body, options: SendOptions = {}): Promise<Body> {
    const answer = await this.exchange(api, version, body, options)
    const label = options.label ?? `${api.name} v${version}`
    if (typeof answer === "string") {
      this.record(label, api.name, answer)
      return undefined
    }
    this.record(label, api.name, options.view === undefined ? answer : options.view(answer))
    return answer
  }

  /** Like {@link send}, unrecorded: for what a case needs before it starts. Throws when no answer comes. */
  async quiet(api: AnyApi, version: number, body: Body): Promise<Body> {
    const answer = await this.exchange(api, version, body, {})
    if (typeof answer === "string") throw new Error(`${api.name} v${version}: ${answer}`)
    return answer
  }

  /** Repeats a request until the answer is as wanted or 5 s have passed, and records the last answer. */
  async until(
    api: AnyApi,
    version: number,
    body: Body,
    isWanted: (body: Body) => boolean,
    options: SendOptions = {}
  ): Promise<Body> {
    const answer = await this.repeat(api, version, body, isWanted, options)
    const seen = typeof answer === "string" || options.view === undefined ? answer : options.view(answer)
    this.record(options.label ?? `${api.name} v${version}`, api.name, seen)
    return answer
  }

  /** Like {@link until}, unrecorded. */
  quietUntil(api: AnyApi, version: number, body: Body, isWanted: (body: Body) => boolean): Promise<Body> {
    return this.repeat(api, version, body, isWanted, {})
  }

  private async repeat(
    api: AnyApi,
    version: number,
    body: Body,
    isWanted: (body: Body) => boolean,
    options: SendOptions
  ): Promise<Body> {
    const deadline = Date.now() + 5_000
    for (;;) {
      const answer = await this.exchange(api, version, body, options)
      if (typeof answer === "string" || isWanted(answer) || Date.now() > deadline) return answer
      await delay(20)
    }
  }

  /** Sends a request that has no answer, then one that has, and records which answer came first. */
  async unanswered(api: AnyApi, version: number, body: Body, options: SendOptions = {}): Promise<void> {
    const connection = this.connected()
    const header = { correlationId: ++this.correlationId, clientId: "differential" }
    connection.write(join(Frame.encodeRequest(api, version, header, body)))
    const next = await this.exchange(apis.ApiVersions, 0, {}, {})
    const seen = typeof next === "string" ? next : "the next request is answered, this one is not"
    this.record(options.label ?? `${api.name} v${version}`, api.name, seen)
  }

  /** Sends bytes as they are, and records the answer as hex or as `read` sees it. */
  async raw(label: string, bytes: Uint8Array, read?: (frame: Uint8Array) => unknown, timeoutMs = 3_000): Promise<void> {
    const connection = this.connected()
    connection.write(bytes)
    const answer = await connection.read(timeoutMs)
    if (typeof answer === "string") this.reconnect()
    const seen = typeof answer === "string" ? answer : (read ?? ((frame) => Buffer.from(frame).toString("hex")))(answer)
    this.record(label, "raw", seen)
  }

  /** A name no other case uses. */
  name(suffix = ""): string {
    return `${this.prefix}-${this.made++}${suffix}`
  }

  /** Creates a topic and waits until its leaders serve. */
  async topic(options: TopicOptions = {}): Promise<Topic> {
    const name = options.name ?? this.name()
    const configs = Object.entries(options.configs ?? {}).map(([key, value]) => ({ name: key, value }))
    const wanted = { name, numPartitions: options.partitions ?? 1, replicationFactor: 1, assignments: [], configs }
    const created = await this.quiet(apis.CreateTopics, 7, { topics: [wanted], timeoutMs: 10_000 })
    const { errorCode, errorMessage, topicId } = created.topics[0]
    if (errorCode !== 0) throw new Error(`creating ${name}: error ${errorCode}: ${errorMessage}`)
    this.topicIds.set(topicId, name)
    if (options.isClosed === true) await this.closedLeaderOf(name)
    else await this.leadersOf(name)
    return { name, id: topicId }
  }

  /**
   * Waits until every partition of the topic has a leader that accepts requests, which in Kafka comes after the metadata
   * shows it: the leaders themselves are asked.
   */
  async leadersOf(name: string): Promise<void> {
    const deadline = Date.now() + 10_000
    const ask = (partitions: ReadonlyArray<Body>): Body => ({
      replicaId: -1,
      isolationLevel: 0,
      timeoutMs: 5_000,
      topics: [{ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, timestamp: -1 })) }]
    })
    while (Date.now() < deadline) {
      const metadata = await this.quiet(apis.Metadata, 12, {
        topics: [{ topicId: "AAAAAAAAAAAAAAAAAAAAAA", name }],
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: false
      })
      const [topic] = metadata.topics
      if (topic.errorCode === 0 && topic.partitions.length > 0) {
        const offsets = await this.exchange(apis.ListOffsets, 7, ask(topic.partitions), {})
        // A broker that does not know ListOffsets is taken at its metadata's word.
        if (typeof offsets === "string") return
        if (offsets.topics[0].partitions.every((partition: Body) => partition.errorCode === 0)) return
      }
      await delay(10)
    }
    throw new Error(`${name} has no leader after 10 s`)
  }

  /** The same for a topic that the client may not describe; it may act for the cluster. */
  private async closedLeaderOf(topic: string): Promise<void> {
    const partitions = [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }]
    await this.quietUntil(
      apis.OffsetForLeaderEpoch,
      4,
      { replicaId: -1, topics: [{ topic, partitions }] },
      (body) => body.topics[0].partitions[0].errorCode === 0
    )
  }

  async idOf(name: string): Promise<string> {
    const topics = [{ topicId: "AAAAAAAAAAAAAAAAAAAAAA", name }]
    const metadata = await this.quiet(apis.Metadata, 12, {
      topics,
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false
    })
    const id: string = metadata.topics[0].topicId
    this.topicIds.set(id, name)
    return id
  }

  close(): void {
    this.connection?.close()
  }
}
