import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { Uuid } from "../../../core/src/model/Uuid.ts"
import { CreateTopics } from "../../../core/src/protocol/apis/CreateTopics.ts"
import { Fetch } from "../../../core/src/protocol/apis/Fetch.ts"
import { decodeRecords } from "../../../core/src/protocol/records/Record.ts"
import * as RecordBatch from "../../../core/src/protocol/records/RecordBatch.ts"
import { Prng } from "../../../testkit/test/fuzz/Prng.ts"
import * as NodeCompression from "../../src/NodeCompression.ts"
import { BrokerProcess } from "./BrokerProcess.ts"
import { CrashAdmin } from "./CrashAdmin.ts"
import { CrashProducer } from "./CrashProducer.ts"
import { damage } from "./damage.ts"
import { PartitionHistory, type ReadRecord } from "./PartitionHistory.ts"
import { SocketClient } from "./SocketClient.ts"

const topic = "crash"
/** Cycles on one data directory, before a new one is begun: reading all of it back takes longer every time. */
const cyclesPerDirectory = 10

export interface CrashReport {
  cycles: number
  acknowledged: number
  startMsMax: number
  readonly damages: Map<string, number>
}

/** All records of a partition, as a consumer reads them from offset 0. */
export const readPartition = async (
  client: SocketClient,
  name: string,
  partition: number
): Promise<ReadonlyArray<ReadRecord>> => {
  const records: Array<ReadRecord> = []
  for (let fetchOffset = 0;;) {
    const { responses } = await client.request(Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1 << 24,
      isolationLevel: 0,
      topics: [{
        topic: name,
        topicId: Uuid.zero,
        partitions: [{ partition, fetchOffset, partitionMaxBytes: 1 << 24 }]
      }],
      forgottenTopicsData: []
    })
    const { errorCode, highWatermark, records: bytes } = responses[0]!.partitions[0]!
    if (errorCode !== 0) throw new Error(`fetching ${name}-${partition} at ${fetchOffset}: ${errorCode}`)
    if (fetchOffset >= highWatermark) return records
    const end = RecordBatch.completeBatchesEnd(bytes!, 0, bytes!.length)
    for (let at = 0; at < end; at += RecordBatch.batchSizeBytes(bytes!, at)) {
      const options = { codecs: NodeCompression.codecs, maxOutputBytes: 1 << 27 }
      for (const { offset, value } of decodeRecords(bytes!, at, options)) {
        if (offset >= fetchOffset) records.push({ offset, value: new TextDecoder().decode(value!) })
      }
      fetchOffset = RecordBatch.lastOffset(bytes!, at) + 1
    }
  }
}

/** One data directory and what is known of it, through several deaths of its broker. */
class CrashedDirectory {
  readonly path = Fs.mkdtempSync(Path.join(Os.tmpdir(), "kafka-broker-crash-"))
  private readonly histories = [0, 1, 2].map(() => new PartitionHistory())
  private readonly producers: ReadonlyArray<CrashProducer>
  private readonly admin: CrashAdmin
  private readonly prng: Prng
  /** What was done to the files after each death. */
  private readonly done: Array<string> = []

  constructor(prng: Prng) {
    this.prng = prng
    this.admin = new CrashAdmin(prng)
    const producer = (
      name: string,
      partition: number,
      acks: 1 | -1,
      isIdempotent: boolean,
      codec: "none" | "lz4" | "zstd" = "none"
    ) =>
      new CrashProducer({
        name,
        topic,
        partition,
        acks,
        isIdempotent,
        codec,
        history: this.histories[partition]!,
        prng
      })
    this.producers = [
      producer("one", 0, 1, false),
      producer("all", 0, -1, false, "lz4"),
      producer("idempotent", 1, -1, true),
      producer("idempotent-beside", 0, -1, true, "zstd"),
      producer("other", 2, 1, false)
    ]
  }

  get acknowledged(): number {
    return this.histories.reduce((count, history) => count + history.acknowledgedCount, 0)
  }

  /** Starts the broker, looks at everything, works, and kills it at some moment. */
  async cycle(report: CrashReport, isFirst: boolean): Promise<void> {
    const broker = await BrokerProcess.start(this.path)
    try {
      report.startMsMax = Math.max(report.startMsMax, broker.startMs)
      const client = await SocketClient.connect(broker.port)
      if (isFirst) {
        await client.request(CreateTopics, 7, {
          topics: [{
            name: topic,
            numPartitions: 3,
            replicationFactor: 1,
            assignments: [],
            configs: [{ name: "segment.bytes", value: "1048576" }]
          }]
        })
      } else await this.check(client)
      await this.work(broker, client)
    } catch (error) {
      throw new Error(`${String(error)}\ndata: ${this.path}\nafter: ${this.done.join("; ")}\nbroker: ${broker.log}`)
    } finally {
      await broker.end("SIGKILL")
    }
    const done = damage(this.prng, this.path, [`${topic}-0`, `${topic}-1`, `${topic}-2`])
    this.done.push(done)
    const kind = done.replace(/ in .*/, "")
    report.damages.set(kind, (report.damages.get(kind) ?? 0) + 1)
  }

  async check(client: SocketClient): Promise<void> {
    for (const [partition, history] of this.histories.entries()) {
      const problem = history.check(await readPartition(client, topic, partition))
      if (problem !== undefined) throw new Error(`${topic}-${partition}: ${problem}`)
    }
    const problem = await this.admin.check(client)
    if (problem !== undefined) throw new Error(problem)
  }

  private async work(broker: BrokerProcess, client: SocketClient): Promise<void> {
    const killAfterMs = this.prng.between(5, 300)
    let isTimed = false
    const onAcknowledged = (): void => {
      if (isTimed) return
      isTimed = true
      setTimeout(() => void broker.end("SIGKILL"), killAfterMs)
    }
    const clients = await Promise.all(this.producers.map(() => SocketClient.connect(broker.port)))
    await Promise.all([
      ...this.producers.map((producer, i) => producer.run(clients[i]!, onAcknowledged)),
      this.admin.run(client)
    ])
  }

  remove(): void {
    Fs.rmSync(this.path, { recursive: true, force: true })
  }
}

/** Kills a working broker `cycles` times and checks after every start that nothing confirmed is missing. */
export const crash = async (
  options: { readonly cycles: number; readonly seed: number; readonly onCycle?: (report: CrashReport) => void }
): Promise<CrashReport> => {
  const report: CrashReport = { cycles: 0, acknowledged: 0, startMsMax: 0, damages: new Map() }
  while (report.cycles < options.cycles) {
    const directory = new CrashedDirectory(new Prng(options.seed, report.cycles))
    const last = Math.min(options.cycles, report.cycles + cyclesPerDirectory)
    for (let isFirst = true; report.cycles < last; isFirst = false) {
      await directory.cycle(report, isFirst)
      report.cycles++
      options.onCycle?.(report)
    }
    const broker = await BrokerProcess.start(directory.path)
    const client = await SocketClient.connect(broker.port)
    await directory.check(client)
    client.close()
    await broker.end("SIGTERM")
    report.acknowledged += directory.acknowledged
    directory.remove()
  }
  return report
}
